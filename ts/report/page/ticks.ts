/** The most intervals between ticks. */
const MOST = 10

/** Whole numbers of epochs from 0, at equal distances of 1, 2 or 5 times a power of ten. */
export function epochTicks(last: number): number[] {
  const power = 10 ** Math.floor(Math.log10(Math.max(last / MOST, 1)))
  const step = [power, 2 * power, 5 * power].find((step) => last / step <= MOST) ?? 10 * power
  return Array.from({ length: Math.floor(last / step) + 1 }, (_, tick) => tick * step)
}
