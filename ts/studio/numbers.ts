const WHOLE = new Intl.NumberFormat('en')
const SHORT = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 })

/** 1,234 */
export const whole = (value: number) => WHOLE.format(value)

/** 1.23M */
export const short = (value: number) => SHORT.format(value)

/** 0.0123 with as many digits as tell models apart. */
export function metric(value: number | undefined): string {
  if (value === undefined) return '–'
  return value !== 0 && Math.abs(value) < 0.001 ? value.toPrecision(3) : value.toFixed(4)
}

/** A score, whose scale depends on the model: 138, 0.5938, -1.235 */
export const score = (value: number) => (Number.isInteger(value) ? whole(value) : value.toPrecision(4))

/** 1.2 s, 3 min 20 s */
export function duration(seconds: number): string {
  if (seconds < 0.0995) return `${Math.round(seconds * 1000)} ms`
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`
  if (seconds < 59.5) return `${Math.round(seconds)} s`
  const whole = Math.round(seconds)
  return `${Math.floor(whole / 60)} min ${whole % 60} s`
}

/** 12.3 MB */
export function size(bytes: number): string {
  if (bytes < 1e3) return `${bytes} bytes`
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`
}

/** "1 user", "2 users" */
export const counted = (count: number, noun: string) => `${whole(count)} ${noun}${count === 1 ? '' : 's'}`

/** 2024-05-17 */
export const day = (seconds: number) => new Date(seconds * 1000).toISOString().slice(0, 10)
