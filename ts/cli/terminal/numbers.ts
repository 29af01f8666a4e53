// Numbers as text.

const thousands = new Intl.NumberFormat('en-US')

/** `80,000` */
export function count(value: number): string {
  return thousands.format(value)
}

/** `80,000 ratings`, `1 rating` */
export function counted(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? '' : 's'}`
}

/** `1.9 MB`, in powers of 1000, as disks and networks count. */
export function bytes(value: number): string {
  return scaled(value, 1000, ['B', 'kB', 'MB', 'GB', 'TB'])
}

/** `4.0 GiB`, in powers of 1024, as memory counts. */
export function memory(value: number): string {
  return scaled(value, 1024, ['B', 'KiB', 'MiB', 'GiB', 'TiB'])
}

/** `2.1 M`, for rates per second. */
export function rate(value: number): string {
  return scaled(value, 1000, ['', 'k', 'M', 'G']).trimEnd()
}

function scaled(value: number, base: number, units: readonly string[]): string {
  let power = 0
  // A value that would be rounded up to the base takes the next unit.
  while (value >= base - 0.5 && power < units.length - 1) {
    value /= base
    power++
  }
  return `${value.toFixed(power > 0 && value < 100 ? 1 : 0)} ${units[power]}`
}

/** `40 ms`, `0.3 s`, `12 s`, `4 min 05 s`, `2 h 10 min` */
export function duration(seconds: number): string {
  if (seconds < 0.1) return `${Math.round(seconds * 1000)} ms`
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole} s`
  const minutes = Math.floor(whole / 60)
  if (minutes < 60) return `${minutes} min ${String(whole % 60).padStart(2, '0')} s`
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`
}

/** Seconds to the millisecond, for programs. */
export function milliseconds(seconds: number): number {
  return Math.round(seconds * 1000) / 1000
}

/** `6.3 %`, with two significant digits. */
export function percent(fraction: number): string {
  const value = fraction * 100
  return `${value >= 10 ? value.toFixed(0) : Number(value.toPrecision(2))} %`
}

/** `0.9178`, the value of a metric. Below 0.001 with three significant digits: `0.000412` */
export function metricValue(value: number): string {
  return value !== 0 && Math.abs(value) < 0.001 ? value.toPrecision(3) : value.toFixed(4)
}

/**
 * Decimals that show two significant digits of the largest of the values, whatever their scale.
 * @param least  what values from about 1 on have
 */
export function decimalsOf(values: readonly number[], least: number): number {
  const most = Math.max(...values.map(Math.abs))
  if (!(most > 0)) return least
  return Math.max(least, Math.min(1 - Math.floor(Math.log10(most)), 40))
}

/** The shortest number that a 32-bit float reads back as: `4.7` rather than `4.699999809265137`. */
export function short(score: number): number {
  for (let digits = 6; digits < 9; digits++) {
    const shorter = Number(score.toPrecision(digits))
    if (Math.fround(shorter) === score) return shorter
  }
  return score
}

/** The shortest text of a number of 32 bits, as ratings are stored: `4.02`, not `4.019999980926514`. */
export function single(value: number): string {
  for (let digits = 1; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits))
    if (Math.fround(short) === Math.fround(value)) return String(short)
  }
  return String(value)
}
