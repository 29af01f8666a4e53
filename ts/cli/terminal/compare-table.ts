import type { Comparison, ComparisonTable, ModelResult } from '../../index.ts'
import { count, counted, duration, memory, metricValue } from './numbers.ts'
import type { Style } from './style.ts'
import { type Align, fits, table, wrapped } from './table.ts'

/** The usual metrics, which are shown after the one that orders the models. */
const USUAL = /^(rmse|mae|ndcg@10|hr@10|recall@50|mrr|(hr|ndcg)@10\/\d+neg)$/

/** The metrics that a table shows. */
export function shownMetrics({
  metric,
  models,
}: {
  readonly metric: string
  readonly models: readonly Pick<ModelResult, 'metrics'>[]
}): string[] {
  const names = Object.keys(models[0]?.metrics ?? {})
  return [metric, ...names.filter((name) => USUAL.test(name) && name !== metric)].filter((name) => names.includes(name))
}

/** A comparison as tables: one line a model, the best first. */
export function comparisonText(comparison: Comparison, split: string, style: Style): string {
  const { level, permutations, refit, seeds, rows } = comparison
  const parts = comparison.tables.map((table) => tableText(table, comparison, style))
  const held = `${split}: ${count(rows.train)} rows for training, ${count(rows.validation)} for validation, ${count(rows.test)} for test`
  const again = refit
    ? 'epochs chosen on validation, then trained again on training and validation rows; models of one step trained once, on both'
    : 'as validated'
  const of = seeds.length > 1 ? `; means of ${counted(seeds.length, 'seed')}` : ''
  const models = comparison.tables.flatMap(({ models }) => models)
  const since = models.filter(({ input }) => input !== undefined).map(({ model }) => model)
  const rating = comparison.tables
    .filter(({ task }) => task === 'ranking')
    .flatMap(({ models }) => models.filter(({ trainedFor, seeds }) => trainedFor === 'rating' && seeds.length > 0))
  const untrained = models.filter(({ epochs }) => epochs.includes(0)).map(({ model }) => model)
  const notes = [
    ...sinceText(since),
    ...untrainedText([...new Set(untrained)]),
    ...boundText(rating.map(({ model }) => model)),
    `${held}; ${again}${of}`,
    `[low, high]: bootstrap intervals of ${level * 100} % over users; p: ${count(permutations)} paired permutations ` +
      "against the best, with Holm's correction",
  ]
  const choices = comparison.tables.flatMap((table) => choiceText(table))
  return [
    ...parts,
    notes.map((note) => dimmed(wrapped(note), style)).join('\n'),
    ...(choices.length > 0 ? [choices.map((line) => wrapped(line)).join('\n')] : []),
  ].join('\n\n')
}

/** The model to use, with the reason. */
export function choiceText({ task, choice }: Pick<ComparisonTable, 'task' | 'choice'>): string[] {
  if (!choice) return []
  return [`To ${task === 'ranking' ? 'rank items' : 'predict ratings'}, use ${choice.model}: ${choice.reason}`]
}

/** How rating models rank. */
export function boundText(models: readonly string[]): string[] {
  if (models.length === 0) return []
  const how =
    models.length === 1
      ? 'predicts ratings, and ranks by the lower bound of its predictions'
      : 'predict ratings, and rank by the lower bound of their predictions'
  return [`${models.join(', ')} ${how}`]
}

/** The input of sequential models besides their training rows. */
export function sinceText(models: readonly string[]): string[] {
  if (models.length === 0) return []
  const [have, are] = models.length === 1 ? ['has', 'was'] : ['have', 'were']
  return [`${models.join(', ')} ${have} the validation rows as their latest input, though ${are} not trained on them`]
}

/** Why a model has 0 epochs. */
function untrainedText(models: readonly string[]): string[] {
  return models.length === 0 ? [] : [`${models.join(', ')}: 0 epochs, since none beat the biases on validation`]
}

function dimmed(text: string, { dim }: Style): string {
  return text.split('\n').map(dim).join('\n')
}

/** A model's line of a table, and what stands above its columns. */
interface Column {
  readonly head: string
  readonly cell: (model: ModelResult) => string
}

function tableText(of: ComparisonTable, { seeds }: Comparison, style: Style): string {
  const { bold, yellow } = style
  const done = of.models.filter(({ seeds }) => seeds.length > 0)
  const failed = of.models.filter(({ seeds }) => seeds.length === 0)
  const name: Column = {
    head: '',
    cell: ({ model, seeds: own }) =>
      model + (own.length < seeds.length ? yellow(` (${counted(own.length, 'seed')})`) : ''),
  }
  const judged = of.task === 'ranking' ? 'ranking all items' : 'predicting ratings'
  const cold = of.cold > 0 ? ` (${count(of.cold)} cold)` : ''
  return [
    `${bold(judged)}  ${counted(of.users, 'user')}, ${counted(of.rows, 'row')}${cold}`,
    ...(done.length > 0 ? tablesOf(done, name, metricColumns(of, style), COSTS, style) : []),
    ...failed.map(({ model, error }) =>
      wrapped(`${model}  ${error?.message ?? ''}`, '', '  ')
        .split('\n')
        .map(yellow)
        .join('\n'),
    ),
  ].join('\n')
}

/** One table where it fits into the terminal; else one of metrics, without the last that do not fit, and one of costs. */
function tablesOf(
  models: readonly ModelResult[],
  name: Column,
  metrics: readonly Column[],
  costs: readonly Column[],
  style: Style,
): string[] {
  const tableOf = (columns: readonly Column[]) =>
    table(
      [columns.map(({ head }) => style.dim(head)), ...models.map((model) => columns.map(({ cell }) => cell(model)))],
      columns.map((_, index): Align => (index === 0 ? 'left' : 'right')),
    )
  const whole = tableOf([name, ...metrics, ...costs])
  if (fits(whole)) return [whole]
  let shown = metrics
  // Value, interval and test of the leading metric stay.
  while (shown.length > 3 && !fits(tableOf([name, ...shown]))) shown = shown.slice(0, -1)
  const left = metrics.slice(shown.length).map(({ head }) => head)
  const more = left.length > 0 ? [style.dim(`  ${left.join(', ')}: in --json and --report`)] : []
  return [tableOf([name, ...shown]), ...more, '', tableOf([name, ...costs])]
}

function metricColumns(of: ComparisonTable, { bold, dim }: Style): Column[] {
  return shownMetrics(of).flatMap((metric): Column[] => {
    const value: Column = {
      head: metric,
      cell: ({ model, metrics }) =>
        of.best[metric] === model ? bold(digits(metrics[metric])) : digits(metrics[metric]),
    }
    if (metric !== of.metric) return [value]
    const interval: Column = {
      head: '',
      cell: ({ intervals: { [metric]: interval } }) =>
        interval ? dim(`[${digits(interval.low)}, ${digits(interval.high)}]`) : '',
    }
    return [value, interval, { head: 'vs best', cell: (model) => against(of, model) }]
  })
}

const COSTS: readonly Column[] = [
  {
    head: 'epochs',
    cell: ({ epochs }) => count(Math.round(epochs.reduce((sum, each) => sum + each, 0) / epochs.length)),
  },
  { head: 'training', cell: ({ seconds }) => duration(seconds) },
  { head: 'memory', cell: ({ memoryBytes }) => memory(memoryBytes) },
]

/** `best`, or the p value of the test against the best. */
function against({ metric, best }: ComparisonTable, { model, significance }: ModelResult): string {
  if (best[metric] === model) return 'best'
  const test = significance[metric]
  return test ? pText(test.corrected) : ''
}

/** `p .034`, `p <.001` */
export function pText(p: number): string {
  return p < 0.001 ? 'p <.001' : `p ${p.toFixed(3).replace(/^0/, '')}`
}

function digits(value: number | undefined): string {
  return value === undefined ? '' : metricValue(value)
}
