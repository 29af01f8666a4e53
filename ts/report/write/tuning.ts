import { count, counted, duration } from '../../cli/terminal/numbers.ts'
import type { Trial, TuneReport } from '../../index.ts'
import { figure } from '../figure.ts'
import type { Axis, Tuning, TuningTrial } from '../page/content.ts'
import { plotFigure } from './figure.ts'
import { tile } from './header.ts'
import { escaped } from './html.ts'
import { page } from './page.ts'
import { type Provenance, repeatSection } from './repeat.ts'
import { type Cell, type Column, type TableRow, tableOf } from './table.ts'

/** What the page of a search shows besides its result. */
export interface TuningPage {
  /** Name of the data. */
  readonly data: string
  readonly split: string | undefined
  readonly seed: number | undefined
  readonly engine: { readonly build: string; readonly threads: number } | undefined
  readonly version: string
  readonly provenance: Provenance
}

/** The page of a hyperparameter search. */
export async function tuningPage(report: TuneReport, about: TuningPage): Promise<string> {
  const name = about.data.replace(/^.*[\\/]/, '')
  const { kind, metric, aborted } = report
  const tuning = tuningOf(report)
  const body = `<p class="soft">${counted(report.trials.length, 'trial')}. Successive halving trains the better ones longer. Values are those of ${escaped(metric)} on the validation rows after the best epoch.${aborted ? ' The search was interrupted.' : ''}</p>
<div class="tiles">${tiles(report, about.engine?.threads).join('')}</div>
${bestSection(report)}
${tuning.trials.length > 1 ? pictures(tuning) : ''}
${trialsTable(report, tuning.axes)}
${repeatSection(about.provenance, { ...about, seeds: about.seed === undefined ? [] : [about.seed], validation: undefined })}`
  const content = {
    name,
    models: [kind],
    tables: [],
    weights: [],
    map: undefined,
    distributions: about.provenance.distributions,
    popularity: [],
    examples: [],
    tuning,
  }
  return page({ title: `${kind} tuned on ${name}`, version: about.version, body, content })
}

function tiles({ metric, best, trials, seconds }: TuneReport, threads: number | undefined): string[] {
  const defaults = trials.find(({ trial }) => trial === 0)
  const epochs = trials.reduce((sum, { epochs }) => sum + epochs, 0)
  return [
    tile(figure(best.value ?? Number.NaN), `${metric}, ${best.trial === 0 ? 'the defaults' : `trial ${best.trial}`}`),
    ...(defaults?.value === undefined || best.trial === 0
      ? []
      : [tile(figure(defaults.value), `${metric}, the defaults`)]),
    tile(count(epochs), 'epochs trained at most'),
    tile(duration(seconds), threads === undefined ? 'in all' : `in all, on ${counted(threads, 'thread')}`),
  ]
}

function bestSection({ kind, best, options, metric }: TuneReport): string {
  const found =
    best.trial === 0
      ? `No trial is better than the defaults by ${metric} on the validation rows.`
      : 'The best of many trials looks better than it is, since it was chosen for its value: measure it on test rows.'
  const given = Object.keys(options).length > 0 ? `, ${JSON.stringify(options)}` : ''
  const program = `const model = await createModel('${kind}'${given})`
  return `<section>
<h2>Best options</h2>
<p>${escaped(found)}</p>
<div class="command"><pre tabindex="0"><code id="program">${escaped(program)}</code></pre><button type="button" data-copy="program">Copy</button></div>
</section>`
}

const KEY =
  'Orange: the best trial. Blue: the best tenth, at least three. Larger dots trained more epochs. Dashed: the defaults.'

function pictures({ axes, metric }: Tuning): string {
  const history = plotFigure({
    plot: 'tuning-history',
    name: 'history',
    title: 'Trials',
    label: `${metric} of each trial`,
    caption: `The best so far as a line. ${KEY}`,
  })
  const importance = plotFigure({
    plot: 'tuning-importance',
    name: 'importance',
    title: 'Importance',
    label: `Importance of the options for ${metric}`,
    caption: `The rank correlation of an option with ${metric} after the first rung; of choices, the correlation ratio. Below the mark (2 / √trials) it may be chance.`,
  })
  const parallel = plotFigure({
    plot: 'tuning-parallel',
    name: 'parallel-coordinates',
    title: 'Options and metric',
    label: `Options of each trial and their ${metric}, as parallel coordinates`,
    caption:
      'A line for each trial; better values of the metric are higher. A line has a gap where an option has no effect.',
    wide: true,
  })
  const slices = axes.map(({ name }, axis) =>
    plotFigure({
      plot: 'tuning-slice',
      name: `slice-${name}`,
      title: name,
      label: `${metric} against ${name}`,
      data: { axis },
      caption: `${metric} of all trials by their ${name}.`,
    }),
  )
  return `<section>
<h2>The search</h2>
<div class="panels">${history}${importance}</div>
${parallel}
<h2>Each option</h2>
<p>${KEY}</p>
<div class="panels three">${slices.join('\n')}</div>
</section>`
}

function trialsTable({ metric, moreIsBetter, trials, defaults }: TuneReport, axes: readonly Axis[]): string {
  const columns: Column[] = [
    { name: metric, first: moreIsBetter ? 'descending' : 'ascending' },
    { name: 'best epoch', first: 'ascending' },
    { name: 'of', first: 'descending' },
    ...axes.map(({ name }): Column => ({ name, first: 'ascending' })),
  ]
  const rows = trials.map((trial): TableRow => {
    const { value, epoch = 0, epochs, error } = trial
    const head: Cell = { html: trial.trial === 0 ? 'defaults' : String(trial.trial), value: trial.trial }
    if (value === undefined) return { head, cells: error?.message ?? '' }
    const options = valuesOf(trial, defaults)
    return {
      head,
      cells: [
        { html: figure(value), value },
        { html: String(epoch), value: epoch },
        { html: String(epochs), value: epochs },
        ...axes.map(({ name }): Cell => {
          const option = options[name]
          if (option === undefined) return { html: '' }
          return {
            html: escaped(typeof option === 'number' ? String(Number(option.toPrecision(4))) : option),
            value: option,
          }
        }),
      ],
    }
  })
  return `<section>
<h2>All trials</h2>
${tableOf({ name: 'trials', label: 'All trials', head: 'trial', sorted: metric }, columns, rows)}
</section>`
}

/** The search as its pictures take it. */
export function tuningOf({ metric, moreIsBetter, space, trials, defaults, importance }: TuneReport): Tuning {
  const known = trials.flatMap((trial): TuningTrial[] => {
    const { value, epoch = 0, epochs } = trial
    if (value === undefined) return []
    const all = valuesOf(trial, defaults)
    const options = Object.fromEntries(
      Object.entries(all)
        .filter(([name]) => hasEffect(space[name]?.when, all))
        .map(([name, value]) => [name, space[name]?.choices ? String(value) : value]),
    )
    return [{ trial: trial.trial, value, epoch, epochs, options }]
  })
  const axes = Object.entries(space).map(([name, { low, high, log = false, choices }]): Axis => {
    if (choices) return { name, log: false, choices: [...new Set([...choices, defaults[name]].map(String))] }
    // The defaults may lie outside the range.
    const values = known.flatMap(({ options }) => (typeof options[name] === 'number' ? [options[name]] : []))
    const numbers = [low, high, ...values].filter((value) => value !== undefined && (!log || value > 0)) as number[]
    return { name, log, low: Math.min(...numbers), high: Math.max(...numbers) }
  })
  return { metric, moreIsBetter, axes, trials: known, importance }
}

/** Whether the other options are those that an option has an effect with. */
function hasEffect(when: Readonly<Record<string, unknown>> = {}, options: Readonly<Record<string, unknown>>): boolean {
  return Object.entries(when).every(([name, choice]) => !(name in options) || options[name] === String(choice))
}

/** The options of a trial that are varied: numbers, and everything else as text. */
export function valuesOf({ trial, options }: Trial, defaults: TuneReport['defaults']): Record<string, number | string> {
  const values = Object.entries(trial === 0 ? defaults : options)
  return Object.fromEntries(values.map(([name, value]) => [name, typeof value === 'number' ? value : String(value)]))
}
