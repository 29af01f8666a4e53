import { metricValue } from '../cli/terminal/numbers.ts'

/** A figure of a metric as text: `0.9178`, `19.10`, and below 0.001 three significant digits. */
export function figure(value: number): string {
  return Math.abs(value) < 10 ? metricValue(value) : value.toFixed(2)
}
