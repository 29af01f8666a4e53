import type { Interval, Metrics } from '../../index.ts'
import { counted, metricValue } from './numbers.ts'
import type { Style } from './style.ts'
import { type Align, fits, table, width, wrapped } from './table.ts'

/** Values by the names of metrics. */
export type Figures = Readonly<Record<string, number>>

/** Largest number of metrics in a line. */
const ABREAST = 4

/** The values of metrics. */
export function figuresOf(metrics: Metrics | undefined): Figures {
  if (!metrics) return {}
  return metrics.values
}

/** `rmse 0.9178` */
export function metricText(metrics: Metrics, metric: string): string {
  return `${metric} ${metricValue(metrics.values[metric] ?? Number.NaN)}`
}

/** `rmse 0.9178  mae 0.7224` */
export function inLine(figures: Figures): string {
  const shown = Object.entries(figures).map(([name, value]) => `${name} ${metricValue(value)}`)
  return shown.slice(0, ABREAST).join('  ')
}

/** The metrics of a part, its name and a note. */
export interface Measured {
  readonly name: string
  readonly figures: Figures
  readonly note?: string
}

/**
 * Metrics as a table: a line for each part or, for one or two parts with many metrics, a line for each metric and a column
 * for each list length. `leading` is the most important metric, by default the first.
 */
export function metricsTable(parts: readonly Measured[], style: Style, leading?: string): string {
  const names = [...new Set(parts.flatMap(({ figures }) => Object.keys(figures)))]
  const first = leading ?? names[0] ?? ''
  if (names.length > ABREAST && parts.length <= 2) return grid(parts, names, first, style)
  const { bold, dim } = style
  const shown = [first, ...names.filter((name) => name !== first)].slice(0, ABREAST)
  const figure = ({ figures }: Measured, name: string) => {
    const value = figures[name]
    if (value === undefined) return ''
    return name === first ? bold(metricValue(value)) : metricValue(value)
  }
  const heads = ['', ...shown.map(dim)]
  const rows = parts.map((part) => [part.name, ...shown.map((name) => figure(part, name))])
  const align: Align[] = ['left', ...shown.map((): Align => 'right'), 'left']
  const noted = table([heads, ...rows.map((row, part) => [...row, dim(parts[part]?.note ?? '')])], align)
  const left = names.length - shown.length
  return [
    ...(fits(noted) ? [noted] : [table([heads, ...rows], align), ...notesOf(parts, style)]),
    ...(left > 0 ? [dim(`and ${left} other metrics in --json`)] : []),
  ].join('\n')
}

/** The notes of parts below their table. */
function notesOf(parts: readonly Measured[], { dim }: Style): string[] {
  return parts.flatMap(({ name, note }) => (note ? wrapped(`${name}: ${note}`).split('\n').map(dim) : []))
}

/** Metrics with their intervals, one a line. Metrics of all users together have no interval. */
export function intervalsTable(
  figures: Figures,
  intervals: Readonly<Record<string, Interval>>,
  { dim }: Style,
): string {
  const lines = Object.entries(figures).map(([name, value]) => {
    const interval = intervals[name]
    return [
      name,
      metricValue(value),
      interval ? dim(`${metricValue(interval.low)} to ${metricValue(interval.high)}`) : '',
    ]
  })
  return table(lines, ['left', 'right', 'left'])
}

/** The line and the column of a metric: `hr/100neg` and `@10` for `hr@10/100neg`. */
function placeOf(name: string): { line: string; column: string } {
  const [, measure = name, column = '', among = ''] = /^([^@/]+)(@\d+)?(\/.+)?$/.exec(name) ?? []
  return { line: measure + among, column }
}

/** Metrics by list lengths, the parts next to each other. Metrics without a list length come first. */
function grid(parts: readonly Measured[], names: readonly string[], leading: string, style: Style): string {
  const { bold, dim } = style
  const places = new Map(names.map((name) => [name, placeOf(name)]))
  const lines = [...new Set([...places.values()].map(({ line }) => line))]
  const columns = [...new Set([...places.values()].map(({ column }) => column))].sort(
    (a, b) => Number(a.slice(1)) - Number(b.slice(1)),
  )
  const cell = ({ figures }: Measured, line: string, column: string) => {
    const name = names.find((name) => places.get(name)?.line === line && places.get(name)?.column === column)
    const value = name === undefined ? undefined : figures[name]
    if (value === undefined) return ''
    return name === leading ? bold(metricValue(value)) : metricValue(value)
  }
  const rows = [
    ['', ...parts.flatMap(() => columns.map(dim))],
    ...lines.map((line) => [line, ...parts.flatMap((part) => columns.map((column) => cell(part, line, column)))]),
  ]
  const below = table(rows, ['left', ...parts.flatMap(() => columns.map((): Align => 'right'))])
  const lead = Math.max(...lines.map((line) => line.length)) + 2
  const span = columns.map((column) => widthOf(rows, 1 + columns.indexOf(column)) + 2).reduce((a, b) => a + b, 0)
  const heads = parts.map(({ name }) => dim(name) + ' '.repeat(Math.max(1, span - name.length)))
  return [`${' '.repeat(lead)}${heads.join('')}`.trimEnd(), below, ...notesOf(parts, style)].join('\n')
}

function widthOf(rows: readonly (readonly string[])[], column: number): number {
  return Math.max(...rows.map((row) => width(row[column] ?? '')))
}

/** The number of test rows. */
export function tested({ rows, cold }: Metrics): string {
  if (rows === 0)
    return `none of ${counted(cold, 'row')} can be evaluated: none has a user and an item with training rows`
  return `${counted(rows, 'row')}${cold > 0 ? `, ${cold} of them with a user or item without training rows` : ''}`
}

/** Mean and standard deviation of each metric. */
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
