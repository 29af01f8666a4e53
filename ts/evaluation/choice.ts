import type { Task } from '../models/describe.ts'
import type { Choice, ModelResult } from './comparison.ts'
import type { Entry, Run } from './entry.ts'
import { isError, type PerUserMetrics } from './metrics.ts'
import { confidenceIntervals, type IntervalOptions } from './resampling.ts'

/** How much worse than the best the mean of a tie may be: the fraction of an error, and of any other metric. */
const CLOSE = { error: 0.01, other: 0.05 }

/**
 * The model to use: the best by the mean of a metric or, where others tie with it, the one of these that trains fastest. Models
 * tie if the bootstrap interval of the paired difference contains 0 and their means are close.
 */
export async function choiceOf(
  task: Task,
  metric: string,
  ordered: readonly Entry[],
  results: readonly ModelResult[],
  options: IntervalOptions,
): Promise<Choice | undefined> {
  const measured = results.filter(({ metrics }) => metrics[metric] !== undefined)
  const [best] = measured
  const leader = ordered.find(({ name }) => name === best?.model)
  if (!best || !leader) return undefined
  const alike: ModelResult[] = []
  const unclear: ModelResult[] = []
  for (const result of measured.slice(1)) {
    const entry = ordered.find(({ name }) => name === result.model)
    if (!entry || !(await mayBeEqual(task, metric, leader, entry, options))) continue
    if (isClose(metric, best, result)) alike.push(result)
    else unclear.push(result)
  }
  const chosen = [best, ...alike].reduce((a, b) => (b.seconds < a.seconds ? b : a))
  return {
    model: chosen.model,
    best: best.model,
    ties: alike.map(({ model }) => model),
    reason: reasonOf(metric, chosen, best, alike, unclear, measured.length),
  }
}

function reasonOf(
  metric: string,
  chosen: ModelResult,
  best: ModelResult,
  alike: readonly ModelResult[],
  unclear: readonly ModelResult[],
  measured: number,
): string {
  const value = ({ model, metrics }: ModelResult) => `${model} (${metric} ${shown(metrics[metric])})`
  if (measured === 1) return `it is the only model that was measured (${metric} ${shown(best.metrics[metric])})`
  const names = list(unclear.map(({ model }) => model))
  const doubt =
    names && `the test part is too small to tell whether ${names} ${unclear.length > 1 ? 'are' : 'is'} worse`
  const first = `it has the best ${metric}, ${shown(best.metrics[metric])}`
  if (alike.length === 0) return `${first}, ${doubt ? `but ${doubt}` : 'and no other model ties with it'}`
  const last = doubt && `; ${doubt}`
  const others = alike.filter((each) => each !== chosen)
  const also = others.length > 0 ? `${list(others.map(value))} ${others.length > 1 ? 'tie' : 'ties'} with it and` : ''
  if (chosen === best) {
    return `${first}; ${also} ${others.length > 1 ? 'train' : 'trains'} no faster${last}`
  }
  const rest =
    others.length > 0 ? `, and so ${others.length > 1 ? 'do' : 'does'} ${list(others.map(({ model }) => model))}` : ''
  return `its ${metric}, ${shown(chosen.metrics[metric])}, ties with that of the best, ${value(best)}${rest}; it trains fastest of these${last}`
}

/** `0.9178`, and below 0.001 three significant digits. */
function shown(value = Number.NaN): string {
  return value !== 0 && Math.abs(value) < 0.001 ? value.toPrecision(3) : value.toFixed(4)
}

/** Whether the mean of a model is nearly that of the best. */
function isClose(metric: string, best: ModelResult, other: ModelResult): boolean {
  const [first = 0, second = 0] = [best.metrics[metric], other.metrics[metric]]
  return isError(metric) ? second <= (1 + CLOSE.error) * first : second >= (1 - CLOSE.other) * first
}

function list(names: readonly string[]): string {
  return names.length < 2 ? names.join() : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
}

/** Whether the interval of the paired difference of two models contains 0. */
async function mayBeEqual(task: Task, metric: string, a: Entry, b: Entry, options: IntervalOptions): Promise<boolean> {
  const pairs = a.runs.flatMap((run) => {
    const other = b.runs.find(({ seed }) => seed === run.seed)
    return other ? [differencesOf(task, metric, run, other)] : []
  })
  const runs = pairs.filter((pair) => pair !== undefined)
  if (runs.length === 0) return false
  const [interval] = Object.values(await confidenceIntervals(runs, options))
  return interval !== undefined && interval.low <= 0 && interval.high >= 0
}

/**
 * The differences of two models for each user, as a metric that is averaged over users or rows. An RMSE is no mean: in its
 * place stand mean squared errors, whose difference has the same sign.
 */
function differencesOf(task: Task, metric: string, a: Run, b: Run): PerUserMetrics | undefined {
  const [first, second] = [a.measured[task], b.measured[task]]
  const [ours, theirs] = [first?.perUser.values[metric], second?.perUser.values[metric]]
  if (!first || !ours || !theirs) return undefined
  const of = (value: number) => (metric === 'rmse' ? value * value : value)
  const values = ours.map((value, user) => of(value) - of(theirs[user] ?? Number.NaN))
  return { ...first, perUser: { ...first.perUser, values: { [task === 'rating' ? 'mae' : metric]: values } } }
}
