import type { Trial, TuneReport } from '../../index.ts'
import { counted, duration } from './numbers.ts'
import type { Style } from './style.ts'
import { table } from './table.ts'

/** Trials in the table. */
const SHOWN = 10

/** `ndcg@10 0.3274` */
export function valueText(metric: string, value: number): string {
  return `${metric} ${value.toFixed(4)}`
}

/** The result of a search: the best trials, what matters, and how to go on. */
export function tuneText(
  report: TuneReport,
  threads: number,
  data: string | undefined,
  out: string | undefined,
  style: Style,
): string {
  const { kind, metric, best, defaults, trials, importance, seconds } = report
  const { bold } = style
  const names = [...new Set(trials.flatMap(({ options }) => Object.keys(options)))]
  const usual = trials.find(({ trial }) => trial === 0)
  const first = trials.slice(0, SHOWN)
  const rows = [...first, ...(usual && !first.includes(usual) ? [usual] : [])].map((trial) =>
    rowOf(trial.trial === 0 ? { ...trial, options: defaults } : trial, names),
  )
  const lines = [
    `${bold(kind)}  ${counted(trials.length, 'trial')}, ${duration(seconds)} on ${counted(threads, 'thread')}`,
    table(
      [['trial', metric, 'best epoch', 'of', ...names], ...rows],
      ['right', 'right', 'right', 'right', ...names.map(() => 'right' as const)],
    ),
    `Importance for ${metric}: ${importance.map(({ name, value }) => `${name} ${value.toFixed(2)}`).join(', ')}`,
    bestText(report, usual),
  ]
  if (best.trial > 0) lines.push(...commandOf(report, data, out))
  return lines.join('\n')
}

function rowOf({ trial, value, epoch, epochs, options, error }: Trial, names: readonly string[]): string[] {
  const figures = value === undefined ? [error?.code ?? '', '', ''] : [value.toFixed(4), String(epoch), String(epochs)]
  return [
    trial === 0 ? 'defaults' : String(trial),
    ...figures,
    ...names.map((name) => (name in options ? String(options[name]) : '')),
  ]
}

function bestText({ metric, best }: TuneReport, usual: Trial | undefined): string {
  if (best.trial === 0) return `No trial is better than the defaults: ${valueText(metric, best.value ?? Number.NaN)}`
  const than = usual?.value === undefined ? '' : `, the defaults have ${usual.value.toFixed(4)}`
  return `The best is trial ${best.trial}: ${valueText(metric, best.value ?? Number.NaN)}${than}. Of many trials the best looks better than it is: measure on test rows`
}

/** The command that trains with the best options. */
function commandOf({ kind, options }: TuneReport, data = 'DATA', out: string | undefined): string[] {
  const file = /^[\w./-]+$/.test(data) ? data : JSON.stringify(data)
  if (out !== undefined) return [`  tastespace train ${file} --config ${out} --out model.safetensors`]
  const set = Object.entries(options).map(
    ([name, value]) => `--set ${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  )
  return [`  tastespace train ${file} --model ${kind} ${set.join(' ')} --out model.safetensors`]
}
