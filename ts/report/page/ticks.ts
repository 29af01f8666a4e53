/** The most intervals between ticks. */
const MOST = 10

/** Whole numbers of epochs from 0, at equal distances of 1, 2 or 5 times a power of ten. */
export function epochTicks(last: number): number[] {
  const power = 10 ** Math.floor(Math.log10(Math.max(last / MOST, 1)))
  const step = [power, 2 * power, 5 * power].find((step) => last / step <= MOST) ?? 10 * power
  return Array.from({ length: Math.floor(last / step) + 1 }, (_, tick) => tick * step)
}

/** Whether a tick of {@link logarithmicTicks} is a power of ten. */
export function isPowerOfTen(tick: number): boolean {
  return tick.toExponential().startsWith('1e')
}

/** 1, 2 and 5 times powers of ten that enclose two positive numbers; powers of ten only, where these are far apart. */
export function logarithmicTicks(low: number, high: number): number[] {
  const factors = high / low > 1000 ? [1] : [1, 2, 5]
  const [first, last] = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high))]
  const powers = Array.from({ length: last - first + 1 }, (_, index) => first + index)
  // As text, because 2 · 0.1 is not 0.2 for every power.
  const all = powers.flatMap((power) => factors.map((factor) => Number(`${factor}e${power}`)))
  const from = all.findLastIndex((tick) => tick <= low)
  const to = all.findIndex((tick) => tick >= high && tick > low)
  return all.slice(Math.max(from, 0), to < 0 ? undefined : to + 1)
}
