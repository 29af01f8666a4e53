import type { Metrics } from '../index.ts'
import { counted } from './figures.ts'
import type { Style } from './style.ts'
import { type Align, table } from './table.ts'

/** Figures by the names of their metrics. */
export type Figures = Readonly<Record<string, number>>

/** Figures that stand side by side in a line of a terminal. */
const ABREAST = 4

/** What was measured, without what was counted. */
export function figuresOf(metrics: Metrics | undefined): Figures {
  if (!metrics) return {}
  const { rows: _, cold: __, ...figures } = metrics
  return figures
}

/** `rmse 0.9178` */
export function told(metrics: Metrics, metric: string): string {
  return `${metric} ${digits(metrics[metric] ?? Number.NaN)}`
}

/** `rmse 0.9178  mae 0.7224` */
export function inLine(figures: Figures): string {
  const shown = Object.entries(figures).map(([name, value]) => `${name} ${digits(value)}`)
  return shown.slice(0, ABREAST).join('  ')
}

function digits(value: number): string {
  return value.toFixed(4)
}

/** Figures of a part, what it is called and what else there is to say of it. */
export interface Measured {
  readonly name: string
  readonly figures: Figures
  readonly note?: string
}

/**
 * Figures of parts as a table: a line for each part or, where there are many metrics, for each metric. `leading` is the
 * metric that counts most; if nobody says, the first.
 */
export function metricsTable(parts: readonly Measured[], { bold, dim }: Style, leading?: string): string {
  const names = [...new Set(parts.flatMap(({ figures }) => Object.keys(figures)))]
  const figure = ({ figures }: Measured, name: string) => {
    const value = figures[name]
    if (value === undefined) return ''
    return name === (leading ?? names[0]) ? bold(digits(value)) : digits(value)
  }
  const right = (columns: readonly unknown[]) => columns.map((): Align => 'right')
  if (names.length <= ABREAST) {
    const lines = parts.map((part) => [part.name, ...names.map((name) => figure(part, name)), dim(part.note ?? '')])
    return table([['', ...names.map(dim)], ...lines], ['left', ...right(names), 'left'])
  }
  const head = ['', ...parts.map(({ name }) => dim(name))]
  const notes = parts.flatMap(({ name, note }) => (note ? [dim(`${name}: ${note}`)] : []))
  const lines = names.map((name) => [name, ...parts.map((part) => figure(part, name))])
  return [table([head, ...lines], ['left', ...right(parts)]), ...notes].join('\n')
}

/** What a test counted. */
export function tested({ rows, cold }: Metrics): string {
  return `${counted(rows, 'row')}${cold > 0 ? `, ${cold} of them with a user or item without training rows` : ''}`
}

/** The mean of each figure, and its spread: the standard deviation of one. */
export function meanOf(several: readonly Figures[]): { mean: Figures; spread: Figures } {
  const names = Object.keys(several[0] ?? {})
  const each = (of: (values: readonly number[]) => number): Figures =>
    Object.fromEntries(names.map((name) => [name, of(several.map((figures) => figures[name] ?? Number.NaN))]))
  return { mean: each(average), spread: each(deviation) }
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function deviation(values: readonly number[]): number {
  const mean = average(values)
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  return Math.sqrt(squares / (values.length - 1))
}
