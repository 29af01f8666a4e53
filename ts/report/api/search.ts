import type { Trial, TuneReport } from '../../index.ts'
import { csvOf } from '../csv.ts'
import { figure } from '../figure.ts'
import { valuesOf } from '../write/tuning.ts'
import { escaped } from './markdown.ts'

/** Trials in the table. */
const SHOWN = 10

/** A line for each trial, the best first. */
export function searchAsCSV({ metric, space, trials, defaults }: TuneReport): string {
  const names = Object.keys(space)
  const rows = trials.map((trial) => [
    String(trial.trial),
    trial.value === undefined ? '' : String(trial.value),
    String(trial.epoch ?? ''),
    String(trial.epochs),
    ...cellsOf(trial, defaults, names),
    trial.error?.message ?? '',
  ])
  return csvOf([['trial', metric, 'best epoch', 'epochs', ...names, 'error'], ...rows])
}

/** The ten best trials and the defaults. */
export function searchAsMarkdown({ kind, metric, space, trials, defaults }: TuneReport): string {
  const names = Object.keys(space)
  const line = (cells: readonly string[]) => `| ${cells.map(escaped).join(' | ')} |`
  const shown = trials.filter(({ trial }, at) => at < SHOWN || trial === 0)
  return `${[
    `### ${kind}: ${trials.length} trials`,
    '',
    line(['trial', metric, 'best epoch', 'of', ...names]),
    `| --- | ${['', '', '', ...names].map(() => '---:').join(' | ')} |`,
    ...shown.map((trial, at) => {
      const { value, epoch = '', epochs } = trial
      const figures =
        value === undefined ? (trial.error?.code ?? '') : at === 0 ? `**${figure(value)}**` : figure(value)
      const name = trial.trial === 0 ? 'defaults' : String(trial.trial)
      return line([name, figures, String(epoch), String(epochs), ...cellsOf(trial, defaults, names)])
    }),
  ].join('\n')}\n`
}

function cellsOf(trial: Trial, defaults: TuneReport['defaults'], names: readonly string[]): string[] {
  const values = valuesOf(trial, defaults)
  return names.map((name) => String(values[name] ?? ''))
}
