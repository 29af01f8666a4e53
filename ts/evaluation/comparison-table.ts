import type { Engine } from '../engine/engine.ts'
import type { Task } from '../models/describe.ts'
import { choiceOf } from './choice.ts'
import type { ComparisonTable, ModelResult, Significance } from './comparison.ts'
import type { Entry } from './entry.ts'
import { moreIsBetter, type PerUserMetrics } from './metrics.ts'
import {
  confidenceIntervals,
  type Interval,
  type PairedTest,
  pairedTests,
  type ResamplingOptions,
} from './resampling.ts'

/** How results are resampled. */
interface Resampling {
  readonly level: number
  readonly resamples: number
  readonly permutations: number
  readonly engine: Engine | undefined
}

/** The table of models on one task. */
export async function tableOf(
  task: Task,
  entries: readonly Entry[],
  metric: string,
  { level, resamples, permutations, engine }: Resampling,
): Promise<ComparisonTable> {
  const done = entries.filter(({ runs }) => runs.length > 0)
  const measuredOf = ({ runs }: Pick<Entry, 'runs'>) => runs.flatMap(({ measured }) => measured[task] ?? [])
  const intervals = new Map<Entry, Record<string, Interval>>()
  for (const entry of done) {
    intervals.set(entry, await confidenceIntervals(measuredOf(entry), { level, resamples, engine }))
  }
  const means = new Map(done.map((entry) => [entry, meansOf(measuredOf(entry), intervals.get(entry) ?? {})]))
  const names = Object.keys([...means.values()][0] ?? {})
  const ordered = (name: string) => {
    const sign = moreIsBetter(name) ? -1 : 1
    const key = (entry: Entry) => sign * (means.get(entry)?.[name] ?? sign * Number.POSITIVE_INFINITY)
    return [...done].sort((a, b) => key(a) - key(b))
  }
  const best = new Map(
    names.flatMap((name) =>
      ordered(name)
        .slice(0, 1)
        .map((entry) => [name, entry] as const),
    ),
  )
  const significance = await testsAgainst(best, done, measuredOf, { resamples: permutations, engine })
  const failed = entries.filter(({ runs }) => runs.length === 0)
  const first = done[0]?.runs[0]?.measured[task]
  const models = [...ordered(metric), ...failed].map((entry) =>
    resultOf(entry, means.get(entry) ?? {}, intervals.get(entry) ?? {}, significance.get(entry) ?? {}),
  )
  const choice = await choiceOf(task, metric, done, models, { level, resamples, engine })
  return {
    task,
    metric,
    moreIsBetter: Object.fromEntries(names.map((name) => [name, moreIsBetter(name)])),
    best: Object.fromEntries([...best].map(([name, entry]) => [name, entry.name])),
    rows: first?.rows ?? 0,
    users: first?.perUser.users.length ?? 0,
    cold: first?.cold ?? 0,
    models,
    ...(choice && { choice }),
  }
}

/** The metrics of a model: the estimates of the intervals and, for metrics of all users together, the means of the runs. */
function meansOf(
  runs: readonly PerUserMetrics[],
  intervals: Readonly<Record<string, Interval>>,
): Record<string, number> {
  return Object.fromEntries(
    Object.keys(runs[0]?.values ?? {}).map((name) => [
      name,
      intervals[name]?.estimate ?? mean(runs.map(({ values }) => values[name] ?? Number.NaN)),
    ]),
  )
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** Tests of every model against the best by each metric, with Holm's correction for several tests. */
async function testsAgainst(
  best: ReadonlyMap<string, Entry>,
  entries: readonly Entry[],
  measuredOf: (of: Pick<Entry, 'runs'>) => readonly PerUserMetrics[],
  options: ResamplingOptions,
): Promise<Map<Entry, Record<string, Significance>>> {
  const paired = new Map<Entry, Map<Entry, Record<string, PairedTest>>>()
  for (const leader of new Set(best.values())) {
    const against = new Map<Entry, Record<string, PairedTest>>()
    for (const entry of entries) {
      if (entry === leader) continue
      // Only seeds of both are pairs.
      const seeds = entry.runs.map(({ seed }) => seed).filter((seed) => leader.runs.some((run) => run.seed === seed))
      const runs = ({ runs }: Entry) => measuredOf({ runs: runs.filter(({ seed }) => seeds.includes(seed)) })
      if (seeds.length === 0) continue
      against.set(entry, await pairedTests(runs(entry), runs(leader), options))
    }
    paired.set(leader, against)
  }
  const significance = new Map<Entry, Record<string, Significance>>(entries.map((entry) => [entry, {}]))
  for (const [name, leader] of best) {
    const tests = [...(paired.get(leader) ?? [])].flatMap(([entry, tests]) => {
      const test = tests[name]
      return test ? [{ entry, ...test }] : []
    })
    // Holm: the smallest p times the number of tests, the next times one less, and none below the one before it.
    let floor = 0
    tests
      .sort((a, b) => a.p - b.p)
      .forEach(({ entry, difference, p }, index) => {
        floor = Math.min(Math.max(floor, p * (tests.length - index)), 1)
        const of = significance.get(entry)
        if (of) of[name] = { difference, p, corrected: floor }
      })
  }
  return significance
}

function resultOf(
  { name, kind, options, runs, error }: Entry,
  metrics: Readonly<Record<string, number>>,
  intervals: Readonly<Record<string, Interval>>,
  significance: Readonly<Record<string, Significance>>,
): ModelResult {
  const validation = runs[0]?.fit.validation
  return {
    model: name,
    kind: kind.kind,
    trainedFor: kind.task,
    ...(error && { error }),
    options,
    ...(runs.some(({ since }) => since) && { input: 'train+validation' }),
    seeds: runs.map(({ seed }) => seed),
    metrics,
    intervals,
    significance,
    ...(validation && { validation }),
    epochs: runs.map(({ fit }) => fit.epochs),
    seconds: runs.length > 0 ? mean(runs.map(({ fit }) => fit.seconds)) : 0,
    memoryBytes: Math.max(0, ...runs.map(({ memoryBytes }) => memoryBytes)),
    history: runs[0]?.fit.history ?? [],
  }
}
