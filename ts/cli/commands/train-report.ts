import {
  type AnyModel,
  confidenceIntervals,
  type DatasetInfo,
  describe,
  type Engine,
  type FitReport,
  type PairedTest,
  type Parts,
  type PerUserMetrics,
  pairedTests,
  type Task,
  writeFile,
} from '../../index.ts'
import type { ReportModel, ReportTable } from '../../report/page/content.ts'
import { curveOf } from '../../report/write/curve.ts'
import type { Plan } from '../flags/split.ts'
import type { Baseline } from './baseline.ts'
import { moreIsBetter, taskOf } from './measured.ts'
import { provenanceOf } from './report.ts'
import type { EngineJob } from './run.ts'
import type { TrainFlags } from './training.ts'

/** Resamples of an interval, and permutations of a test: the defaults of `compare`. */
const [LEVEL, RESAMPLES, PERMUTATIONS] = [0.95, 2000, 10_000]

/** A training that is reported. */
export interface Training {
  readonly file: string | undefined
  readonly info: DatasetInfo
  readonly parts: Parts
  readonly plan: Plan
  readonly fit: FitReport
  readonly metrics: PerUserMetrics | undefined
  /** The baseline, where there is a test part. */
  readonly baseline: Baseline | undefined
}

/** Writes the page of `compare` for one model: with a baseline that trains in one step, where there is a test part. */
export async function writeTrainReport(
  job: EngineJob<TrainFlags>,
  path: string,
  model: AnyModel,
  { file, info, parts, plan, fit, metrics, baseline }: Training,
): Promise<void> {
  const { engine, flags, console } = job
  // Loaded only when needed: the layout of the map is large.
  const { Recorder, reportPage } = await import('../../report/write/report.ts')
  const recording = await Recorder.of(parts, info, flags.seed)
  await recording.add(model.kind, model)
  await recording.addSimilar(model.kind, model)
  const own = await model.info()
  const task = metrics ? taskOf(metrics, own.task) : own.task
  const runs: Measured[] = [{ ...fit, model, metrics }]
  if (baseline) {
    runs.push({ ...baseline.fit, model: baseline.model, metrics: baseline.perUser })
    await recording.add(baseline.model.kind, baseline.model)
  }
  const table = await tableOf(task, runs, flags.seed, engine)
  const { version } = await describe(engine)
  const page = await reportPage({
    data: file ?? 'the query',
    trained: model.kind,
    protocol: {
      split: plan.test ?? 'none',
      validation: fit.validation ? (plan.validation ?? 'none') : 'none',
      refit: fit.refit,
      seeds: [flags.seed],
      intervals: { level: LEVEL, resamples: RESAMPLES },
      tests: { permutations: PERMUTATIONS },
    },
    rows: {
      train: (await parts.train.info()).rows,
      validation: (await parts.validation?.info())?.rows ?? 0,
      test: (await parts.test?.info())?.rows ?? 0,
    },
    tables: [table],
    aborted: fit.stopped === 'aborted',
    seconds: fit.seconds,
    engine: { build: engine.build, threads: engine.threads },
    version,
    recording,
    provenance: await provenanceOf(flags, file),
  })
  await writeFile(path, page)
  console.note(`Report written to ${path}`)
}

/** A trained model with its metrics. */
interface Measured extends FitReport {
  readonly model: AnyModel
  readonly metrics: PerUserMetrics | undefined
}

/** The model and its baseline as a table of `compare`. */
async function tableOf(task: Task, runs: readonly Measured[], seed: number, engine: Engine): Promise<ReportTable> {
  const [own] = runs
  const values = own?.metrics?.values ?? {}
  const chosen = own?.history[0]?.metric ?? ''
  const names = Object.keys(values)
  const metric = chosen in values || names.length === 0 ? chosen : (names[0] ?? chosen)
  const better = Object.fromEntries(names.map((name) => [name, moreIsBetter(name)]))
  const figureOf = (run: Measured, name: string) => run.metrics?.values[name] ?? Number.NaN
  const best = Object.fromEntries(
    names.map((name) => {
      const sign = better[name] ? -1 : 1
      const [first] = [...runs].sort((a, b) => sign * (figureOf(a, name) - figureOf(b, name)))
      return [name, first?.model.kind ?? '']
    }),
  )
  const tests = await testsOf(runs, engine)
  const models: ReportModel[] = []
  for (const run of runs) {
    const { model, metrics, validation, epochs, seconds, history } = run
    const { task: trainedFor, options } = await model.info()
    models.push({
      model: model.kind,
      kind: model.kind,
      trainedFor,
      options,
      seeds: [seed],
      metrics: metrics?.values ?? {},
      intervals: metrics ? await confidenceIntervals(metrics, { level: LEVEL, resamples: RESAMPLES, engine }) : {},
      significance: Object.fromEntries(
        Object.entries(tests)
          .filter(([name]) => best[name] !== model.kind)
          .map(([name, test]) => [name, { ...test, corrected: test.p }]),
      ),
      ...(validation && { validation }),
      epochs: [epochs],
      seconds,
      // Not measured: the engine also holds the data and its parts.
      memoryBytes: 0,
      curve: curveOf(history, metric),
    })
  }
  return {
    task,
    metric,
    moreIsBetter: better,
    best,
    rows: own?.metrics?.rows ?? 0,
    users: own?.metrics?.perUser.users.length ?? 0,
    cold: own?.metrics?.cold ?? 0,
    models,
  }
}

/** Tests of the model against its baseline, by metric. */
async function testsOf(runs: readonly Measured[], engine: Engine): Promise<Readonly<Record<string, PairedTest>>> {
  const [own, baseline] = runs.flatMap(({ metrics }) => metrics ?? [])
  return own && baseline ? pairedTests(own, baseline, { resamples: PERMUTATIONS, engine }) : {}
}
