import { confidenceIntervals, createModel, type EpochReport, type FitOptions, type PerUserMetrics } from 'tastespace'
import type { Data } from '../data/data.ts'
import { sha256 } from '../data/hash.ts'
import { errorData } from '../errors.ts'
import { state } from '../state.ts'
import { answers, type Form, type Run, runName } from './run.ts'

let next = 0
let working = false
const stops = new Map<number, AbortController>()
const gates = new Map<number, { readonly opened: Promise<void>; readonly open: () => void }>()

/** What is told of the epochs that are shown, for pictures that follow the training. */
export const onEpoch = new Set<(run: Run) => void>()

/** Milliseconds between two states that are shown: to draw them takes time from the training. */
const PACE = 250

/** Puts a model into the queue, and starts it when it is its turn. */
export function enqueue({ kind, options, seed, epochs }: Form): number {
  const id = next++
  const name = freeName(runName(kind, options, seed))
  const run: Run = { id, kind, name, options, seed, epochs, phase: 'waiting', reports: [], metrics: {}, intervals: {} }
  state.runs.value = [...state.runs.value, run]
  void work()
  return id
}

/** The name, with a number where another run has it. */
function freeName(name: string): string {
  const taken = new Set(state.runs.value.map((run) => run.name))
  let free = name
  for (let number = 2; taken.has(free); number++) free = `${name} (${number})`
  return free
}

export function pause(id: number): void {
  if (gates.has(id)) return
  const { promise, resolve } = withResolvers()
  gates.set(id, { opened: promise, open: resolve })
  change(id, { phase: 'paused' })
}

export function resume(id: number): void {
  gates.get(id)?.open()
  gates.delete(id)
  change(id, { phase: 'training' })
}

/** Ends the training of a run, which keeps its best epoch; a waiting one leaves the queue. */
export function stop(id: number): void {
  if (runOf(id)?.phase === 'waiting') return remove(id)
  stops.get(id)?.abort()
  if (gates.has(id)) resume(id)
}

/** Forgets a run and its model. */
export function remove(id: number): void {
  stops.get(id)?.abort()
  gates.get(id)?.open()
  gates.delete(id)
  runOf(id)?.model?.dispose()
  state.runs.value = state.runs.value.filter((run) => run.id !== id)
  if (state.chosen.value === id) state.chosen.value = state.runs.value.find(({ phase }) => phase === 'done')?.id
}

export function clearRuns(): void {
  for (const { id } of state.runs.value) remove(id)
}

export const runOf = (id: number | undefined) => state.runs.value.find((run) => run.id === id)

/** The run that is looked at: the chosen one, or else the last that has a model. */
export function chosenRun(): Run | undefined {
  const run = runOf(state.chosen.value)
  return answers(run) ? run : state.runs.value.findLast(answers)
}

/** The same among the runs that are done. */
export function chosenDone(): Run | undefined {
  const run = chosenRun()
  return run?.phase === 'done' ? run : state.runs.value.findLast(({ phase }) => phase === 'done')
}

/** Asks before the page is left or loaded again while models train: what they learned so far would be lost. */
export function guardTraining(): void {
  addEventListener('beforeunload', (event) => {
    if (state.runs.value.some(({ phase }) => phase !== 'done' && phase !== 'failed')) event.preventDefault()
  })
}

async function work(): Promise<void> {
  if (working) return
  working = true
  try {
    for (;;) {
      const run = state.runs.value.find(({ phase }) => phase === 'waiting')
      const data = state.data.value
      if (!run || !data) return
      await train(run, data)
    }
  } finally {
    working = false
  }
}

async function train(run: Run, data: Data): Promise<void> {
  const { id, kind, options, seed } = run
  const stopping = new AbortController()
  stops.set(id, stopping)
  try {
    change(id, { phase: 'training', began: performance.now() })
    const model = await createModel(kind, options, { engine: data.dataset.engine })
    if (!runOf(id)) return model.dispose()
    change(id, { model })
    // Where a model is looked at, it stays.
    if (state.tab.value === 'train' || !chosenRun()) state.chosen.value = id
    const reports: EpochReport[] = []
    let shown = 0
    const report = await model.fit(data.parts.train, {
      ...fitOptions(run, data),
      seed,
      signal: stopping.signal,
      onEpoch: async (epoch) => {
        // Training starts anew with each value of an option that validation chooses.
        if (epoch.choice && epoch.epoch === 1) reports.length = 0
        reports.push(epoch)
        const now = performance.now()
        if (gates.has(id) || now - shown >= PACE) {
          shown = now
          change(id, { reports: [...reports] })
          const current = runOf(id)
          if (current) for (const listener of onEpoch) listener(current)
        }
        await gates.get(id)?.opened
      },
    })
    const { seconds, epochs: trainedEpochs, stopped } = report
    change(id, { phase: 'measuring', reports: [...report.history], seconds, trainedEpochs, stopped })
    const measured = await measure(model, data)
    const hash = await sha256(await model.toBytes())
    change(id, { phase: 'done', ...measured, ...(hash && { hash }) })
  } catch (error) {
    // A run that was removed needs no error.
    if (runOf(id) && stopping.signal.aborted) return remove(id)
    runOf(id)?.model?.dispose()
    change(id, { phase: 'failed', model: undefined, error: errorData(error) })
  } finally {
    stops.delete(id)
  }
}

/** How `train` of the command line does it: stopped early on the validation part, then trained on both for as many epochs. */
export function fitOptions({ epochs }: Pick<Run, 'epochs'>, { parts }: Data): FitOptions {
  if (epochs !== undefined) return { epochs }
  const { validation, validationGiven, trainAndValidation } = parts
  return {
    ...(validation && { validation }),
    ...(validationGiven && { validationGiven }),
    ...(trainAndValidation && { refitOn: trainAndValidation }),
  }
}

async function measure(
  model: NonNullable<Run['model']>,
  { parts, info }: Data,
): Promise<Pick<Run, 'metrics' | 'intervals'>> {
  const { test, testGiven, validation } = parts
  if (!test) return { metrics: {}, intervals: {} }
  const common = { perUser: true, k: [10], ...(testGiven && { given: testGiven }) } as const
  const results: PerUserMetrics[] = [
    await model.evaluate(test, { ...common, task: 'ranking', ...(validation && { exclude: validation }) }),
  ]
  const { task } = await model.info()
  if (info.ratings && task === 'rating') results.push(await model.evaluate(test, { ...common, task: 'rating' }))
  const intervals = await Promise.all(results.map((result) => confidenceIntervals(result, { engine: model.engine })))
  return {
    metrics: Object.assign({}, ...results.map(({ values }) => values)),
    intervals: Object.assign({}, ...intervals),
  }
}

function change(id: number, changes: Partial<Run>): void {
  state.runs.value = state.runs.value.map((run) => (run.id === id ? { ...run, ...changes } : run))
}

function withResolvers(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = () => {}
  const promise = new Promise<void>((done) => {
    resolve = done
  })
  return { promise, resolve }
}
