import type { Trial, TuneReport } from '../../index.ts'
import type { Given } from '../flags/given.ts'
import { counted, duration, metricValue } from './numbers.ts'
import type { Style } from './style.ts'
import { fits, table, terminalColumns, wrapped } from './table.ts'

/** Trials in the table. */
const SHOWN = 10

/** Between a flag and its value, which stay in one line. */
const JOIN = '\u00a0'

/** `ndcg@10 0.3274` */
export function valueText(metric: string, value: number): string {
  return `${metric} ${metricValue(value)}`
}

/** How a search was run. */
export interface TuneRun {
  readonly threads: number
  readonly data: string | undefined
  readonly out?: string | undefined
  readonly seed: number
  readonly split?: string | undefined
  /** Flags by which the data was read, and the metric. */
  readonly reading: readonly Given[]
}

/** The result of a search: the best trials, what matters, and how to go on. */
export function tuneText(report: TuneReport, run: TuneRun, style: Style): string {
  const { kind, metric, best, trials, importance, seconds } = report
  const usual = trials.find(({ trial }) => trial === 0)
  // Choices repeat.
  const seen = new Set<string>()
  const first = trials
    .filter(({ options }) => {
      const key = JSON.stringify(options)
      return !seen.has(key) && seen.add(key)
    })
    .slice(0, SHOWN)
  const shown = [...first, ...(usual && !first.includes(usual) ? [usual] : [])]
  // With four trials or fewer, every value may be chance.
  const matters = importance
    .filter(({ trials }) => trials > 4)
    .map(({ name, value, trials }) => `${name} ${value.toFixed(2)}${value < 2 / Math.sqrt(trials) ? '?' : ''}`)
    .join(', ')
  const chance = matters.includes('?') ? ' (?: may be chance)' : ''
  const lines = [
    `${style.bold(kind)}  ${counted(trials.length, 'trial')}, ${duration(seconds)} on ${counted(run.threads, 'thread')}`,
    trialsText(report, shown),
    ...(matters ? [wrapped(`Importance for ${metric}: ${matters}${chance}`, '', '  ')] : []),
    wrapped(bestText(report, usual)),
  ]
  if (best.trial > 0) lines.push(commandOf(report, run))
  return lines.join('\n')
}

/** A table of the trials or, where it is too wide, two lines for each. */
function trialsText({ metric, defaults, trials }: TuneReport, shown: readonly Trial[]): string {
  const names = [...new Set(trials.flatMap(({ options }) => Object.keys(options)))]
  const valuesOf = ({ trial, options }: Trial) => (trial === 0 ? defaults : options)
  const head = ['trial', metric, 'best epoch', 'of']
  const rows = shown.map((trial) => figures(trial))
  const right = head.map(() => 'right' as const)
  const whole = [
    [...head, ...names],
    ...rows.map((row, at) => {
      const values: Readonly<Record<string, unknown>> = shown[at] ? valuesOf(shown[at]) : {}
      return [...row, ...names.map((name) => (name in values ? String(values[name]) : ''))]
    }),
  ]
  const wide = table(whole, [...right, ...names.map(() => 'right' as const)])
  if (fits(wide)) return wide
  const [title, ...lines] = table([head, ...rows], right).split('\n')
  const below = (trial: Trial | undefined) => {
    const values = Object.entries(trial ? valuesOf(trial) : {}).map(([name, value]) => `${name}=${value}`)
    return values.length > 0 ? [wrapped(values.join(' '), '    ')] : []
  }
  return [title, ...lines.flatMap((line, at) => [line, ...below(shown[at])])].join('\n')
}

function figures({ trial, value, epoch, epochs, error }: Trial): string[] {
  const name = trial === 0 ? 'defaults' : String(trial)
  return value === undefined
    ? [name, error?.code ?? '', '', '']
    : [name, metricValue(value), String(epoch), String(epochs)]
}

function bestText({ metric, best }: TuneReport, usual: Trial | undefined): string {
  if (best.trial === 0) return `No trial is better than the defaults: ${valueText(metric, best.value ?? Number.NaN)}`
  const than = usual?.value === undefined ? '' : `, the defaults have ${metricValue(usual.value)}`
  return `The best is trial ${best.trial}: ${valueText(metric, best.value ?? Number.NaN)}${than}. The best of many looks better than it is: measure it on test rows.`
}

/** The command that trains with the best options, in lines for a shell. */
function commandOf({ kind, options }: TuneReport, { data = 'DATA', out, seed, split, reading }: TuneRun): string {
  const quoted = (text: string) => (/^[\w./=+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`)
  const text = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value))
  const set = Object.entries(options).map(([name, value]) => `--set${JOIN}${quoted(`${name}=${text(value)}`)}`)
  const flags = reading.map(({ option, value }) =>
    value === undefined ? `${option.long}` : `${option.long}${JOIN}${quoted(value)}`,
  )
  const held = split === undefined ? [] : [`--split${JOIN}${quoted(split)}`]
  const random = seed === 0 ? [] : [`--seed${JOIN}${seed}`]
  const chosen =
    out === undefined
      ? [`--model${JOIN}${kind}`, ...flags, ...held, ...random, ...set]
      : [`--config${JOIN}${quoted(out)}`]
  const words = ['tastespace train', quoted(data), ...chosen, `--out${JOIN}model.safetensors`].join(' ')
  return wrapped(words, '  ', '  ', terminalColumns() - 2)
    .replaceAll('\n', ' \\\n')
    .replaceAll(JOIN, ' ')
}
