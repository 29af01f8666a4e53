import type { Comparison, ComparisonTable, ModelResult } from '../../index.ts'
import { count, counted, duration, memory } from './numbers.ts'
import type { Style } from './style.ts'
import { type Align, table } from './table.ts'

/** Metrics that people look at first, where they were measured; the one that sorts stands before them. */
const USUAL = /^(rmse|mae|ndcg@10|hr@10|recall@50|mrr|(hr|ndcg)@10\/\d+neg)$/

/** The metrics of a table that are shown abreast. */
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

/** A comparison as tables for people: a line a model, the best first. */
export function comparisonText(comparison: Comparison, split: string, style: Style): string {
  const { level, permutations, refit, seeds } = comparison
  const parts = comparison.tables.map((table) => tableText(table, comparison, style))
  const { rows } = comparison
  const held = `${split}: ${count(rows.train)} rows to train on, ${count(rows.validation)} to validate, ${count(rows.test)} to test`
  const again = refit ? 'epochs chosen on validation, then trained again on all but the test' : 'as validated'
  const of = seeds.length > 1 ? `; means of ${counted(seeds.length, 'seed')}` : ''
  const models = comparison.tables.flatMap(({ models }) => models)
  const since = models.filter(({ input }) => input !== undefined).map(({ model }) => model)
  const notes = [
    ...sinceText(since),
    `${held}; ${again}${of}`,
    `[…] bootstrap intervals of ${level * 100} % over users; p of ${count(permutations)} paired permutations against the ` +
      "best, by Holm's correction",
  ]
  return [...parts, notes.map(style.dim).join('\n')].join('\n\n')
}

/** What sequential kinds have besides the others. */
export function sinceText(models: readonly string[]): string[] {
  if (models.length === 0) return []
  const whom = models.length === 1 ? 'goes' : 'go'
  return [`${models.join(', ')} ${whom} by the validation rows too, as what came last, though not trained on them`]
}

function tableText(of: ComparisonTable, { seeds }: Comparison, { bold, dim, yellow }: Style): string {
  const metrics = shownMetrics(of)
  const done = of.models.filter(({ seeds }) => seeds.length > 0)
  const head = ['', ...metrics.flatMap((name) => (name === of.metric ? [name, '', 'vs best'] : [name]))]
  const lines = done.map((model) => {
    const figures = metrics.flatMap((name) => {
      const value = digits(model.metrics[name])
      const shown = of.best[name] === model.model ? bold(value) : value
      if (name !== of.metric) return [shown]
      const interval = model.intervals[name]
      const range = interval ? `[${digits(interval.low)}, ${digits(interval.high)}]` : ''
      return [shown, dim(range), against(of, model)]
    })
    const short = model.seeds.length < seeds.length ? yellow(` (${counted(model.seeds.length, 'seed')})`) : ''
    const mean = model.epochs.reduce((sum, epochs) => sum + epochs, 0) / model.epochs.length
    const costs = [count(Math.round(mean)), duration(model.seconds), memory(model.memoryBytes)]
    return [model.model + short, ...figures, ...costs]
  })
  const failed = of.models.filter(({ seeds }) => seeds.length === 0)
  const judged = of.task === 'ranking' ? 'ranking all items' : 'predicting ratings'
  const cold = of.cold > 0 ? ` (${count(of.cold)} cold)` : ''
  return [
    `${bold(judged)}  ${counted(of.users, 'user')}, ${counted(of.rows, 'row')}${cold}`,
    ...(lines.length > 0
      ? [
          table(
            [[...head, 'epochs', 'training', 'memory'].map(dim), ...lines],
            ['left', ...head.slice(1).map((): Align => 'right'), 'right', 'right', 'right'],
          ),
        ]
      : []),
    ...failed.map(({ model, error }) => `${model}  ${yellow(error?.message ?? '')}`),
  ].join('\n')
}

/** `best`, or how likely the distance to the best is by chance. */
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
  return value === undefined ? '' : value.toFixed(4)
}
