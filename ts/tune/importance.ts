import { moreIsBetter } from '../evaluation/metrics.ts'
import type { Study } from './study.ts'

/** How much the values of the trials depend on an option. */
export interface Importance {
  /** Name of the option. */
  readonly name: string
  /**
   * From 0 to 1: the absolute rank correlation (Spearman) of the option with the metric after the first rung, for choices the
   * correlation ratio of the ranks. Below 2 / √trials it may be chance.
   */
  readonly value: number
  /** Number of trials that it comes from: those in which the option has an effect. */
  readonly trials: number
}

/** The importance of every option that is varied, most first. */
export function importanceOf(study: Study): Importance[] {
  const { space, trials, metric } = study.plan
  const points: { options: Readonly<Record<string, unknown>>; value: number }[] = []
  for (let trial = 0; trial < trials; trial++) {
    const outcome = study.outcomeOf(trial, 0)
    if (!outcome || 'error' in outcome) continue
    const options = { ...space.fixed, ...study.optionsOf(trial) }
    points.push({ options, value: moreIsBetter(metric) ? outcome.value : -outcome.value })
  }
  const found = space.ranges.map(({ name, choices, when }): Importance => {
    const having = points.filter(({ options }) =>
      Object.entries(when ?? {}).every(([other, choice]) => options[other] === choice),
    )
    const ranks = ranksOf(having.map(({ value }) => value))
    const values = having.map(({ options }) => options[name])
    const value = choices ? correlationRatio(values, ranks) : Math.abs(correlation(ranksOf(values.map(Number)), ranks))
    return { name, value, trials: having.length }
  })
  return found.sort((a, b) => b.value - a.value)
}

/** Ranks from 0; equal values have the mean of their ranks. */
function ranksOf(values: readonly number[]): number[] {
  return values.map((value) => {
    const below = values.filter((other) => other < value).length
    const equal = values.filter((other) => other === value).length
    return below + (equal - 1) / 2
  })
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** Pearson's correlation; 0 where one of the two does not vary. */
function correlation(x: readonly number[], y: readonly number[]): number {
  const [meanX, meanY] = [mean(x), mean(y)]
  let [xy, xx, yy] = [0, 0, 0]
  x.forEach((value, at) => {
    const [dx, dy] = [value - meanX, (y[at] ?? 0) - meanY]
    xy += dx * dy
    xx += dx * dx
    yy += dy * dy
  })
  return xx > 0 && yy > 0 ? xy / Math.sqrt(xx * yy) : 0
}

/** √ of the share of the variance that lies between the choices. */
function correlationRatio(choices: readonly unknown[], values: readonly number[]): number {
  const total = mean(values)
  let between = 0
  for (const choice of new Set(choices)) {
    const group = values.filter((_, at) => choices[at] === choice)
    between += group.length * (mean(group) - total) ** 2
  }
  const all = values.reduce((sum, value) => sum + (value - total) ** 2, 0)
  return all > 0 ? Math.sqrt(between / all) : 0
}
