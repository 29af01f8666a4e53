import { TastespaceError } from '../errors.ts'
import type { EpochReport } from '../models/fit.ts'
import { engineCount, engines, TrialEngine, type TrialParts } from './engine.ts'
import type { StudyLog } from './log.ts'
import type { Study } from './study.ts'
import type { TrialJob, TrialOutcome } from './trial.ts'

/** What the caller of a search gives to it. */
export interface SearchOptions {
  /** Number of engines. Default: as many as threads and memory allow. */
  readonly engines?: number | undefined
  readonly signal?: AbortSignal | undefined
  readonly log?: StudyLog | undefined
  readonly onEpoch?: ((job: TrialJob, report: EpochReport) => void | Promise<void>) | undefined
  readonly onTrial?: ((job: TrialJob, outcome: TrialOutcome, study: Study) => void | Promise<void>) | undefined
}

/**
 * Does the jobs of a study. The first is done alone, by the engine of the data: it shows how much memory a trial takes, and
 * whether the data can be trained on. The others are shared by several engines.
 *
 * @returns whether the signal ended it
 */
export async function search(
  study: Study,
  client: TrialEngine['client'],
  parts: TrialParts,
  options: SearchOptions,
): Promise<boolean> {
  const first = new TrialEngine(client, parts)
  let others: TrialEngine[] = []
  try {
    const waiting = allOf(study)
    const job = chosen(study, waiting, first, [first], options.log)
    if (!job) return false
    // The peak counts from here.
    await client.usage()
    await done(study, job, first, options.signal, options)
    const { peakBytes } = await client.usage()
    const count = options.engines ?? engineCount(client.threads, study.plan.trials, peakBytes)
    if (count > 1) others = await engines(count, first)
    // Their threads are all that there are.
    if (others.length > 0) await first.release()
    await shared(study, waiting, others.length > 0 ? others : [first], options)
    return false
  } catch (error) {
    if (!options.signal?.aborted || study.trials.every(({ value }) => value === undefined)) throw error
    return true
  } finally {
    await first.release()
    for (const { client } of others) client.dispose()
  }
}

/** All jobs that a study has now. */
function allOf(study: Study): TrialJob[] {
  const jobs: TrialJob[] = []
  for (let job = study.ask(); job; job = study.ask()) jobs.push(job)
  return jobs
}

/** Does all jobs, each by the engine that is free first. `first` are those that no engine has yet. */
async function shared(
  study: Study,
  first: readonly TrialJob[],
  workers: readonly TrialEngine[],
  options: SearchOptions,
): Promise<void> {
  let waiting = [...first]
  const running = new Map<TrialEngine, Promise<void>>()
  const { log } = options
  const stop = following(options.signal)
  try {
    for (;;) {
      if (log?.shared) await log.sync(study)
      waiting = [...waiting, ...allOf(study)].filter((job) => study.needs(job))
      for (const worker of workers) {
        const job = running.has(worker) ? undefined : chosen(study, waiting, worker, workers, log)
        if (!job) continue
        const work = done(study, job, worker, stop.controller.signal, options)
        running.set(
          worker,
          work.finally(() => running.delete(worker)),
        )
      }
      if (running.size === 0) return
      await Promise.race(running.values())
    }
  } catch (error) {
    // What failed first is the reason for all.
    stop.controller.abort(error)
    await Promise.allSettled(running.values())
    throw error
  } finally {
    stop.end()
  }
}

/**
 * Takes a job for an engine: first one that it has a paused training of, then one that no engine has, then any. Where there are none,
 * it goes on with a trial of the next rung. A job that another process has begun comes last: that process may have ended.
 */
function chosen(
  study: Study,
  waiting: TrialJob[],
  worker: TrialEngine,
  workers: readonly TrialEngine[],
  log: StudyLog | undefined,
): TrialJob | undefined {
  const elsewhere = ({ trial }: TrialJob) => !worker.holds(trial) && workers.some((other) => other.holds(trial))
  const ranks = waiting.map((job): number => {
    if (log?.isTaken(job)) return 3
    if (worker.holds(job.trial)) return 0
    return elsewhere(job) ? 2 : 1
  })
  const best = Math.min(...ranks)
  const next = best < 3 ? undefined : ahead(study, (job) => log?.isTaken(job) || elsewhere(job))
  if (next) return next
  const [job] = waiting.splice(ranks.indexOf(best), waiting.length > 0 ? 1 : 0)
  return job
}

/** A job of the next rung that is not left to another engine or process. */
function ahead(study: Study, isLeft: (job: TrialJob) => boolean | undefined): TrialJob | undefined {
  const left: TrialJob[] = []
  let job = study.askAhead()
  for (; job && isLeft(job); job = study.askAhead()) left.push(job)
  for (const job of left) study.forget(job)
  return job
}

async function done(
  study: Study,
  job: TrialJob,
  worker: TrialEngine,
  signal: AbortSignal | undefined,
  { log, onEpoch, onTrial }: SearchOptions,
): Promise<void> {
  const { controller: unneeded, end } = following(signal)
  try {
    if (log?.shared) await log.take(job)
    const outcome = await worker.run(study, job, unneeded.signal, async (report) => {
      await onEpoch?.(job, report)
      if (log?.shared) await log.sync(study)
      if (!study.needs(job)) unneeded.abort(new Error('another process has done this job, or its trial does not go on'))
    })
    checkDefaults(job, outcome)
    study.tell(job, outcome)
    await log?.add(job, outcome)
    await onTrial?.(job, outcome, study)
  } catch (error) {
    await worker.stop(job.trial)
    if (signal?.aborted || !unneeded.signal.aborted) throw error
  } finally {
    end()
  }
}

/** A controller that aborts with a signal, until `end`. `AbortSignal.any` is newer than the oldest Node that is supported. */
function following(signal: AbortSignal | undefined): {
  readonly controller: AbortController
  readonly end: () => void
} {
  const controller = new AbortController()
  const abort = () => controller.abort(signal?.reason)
  if (signal?.aborted) abort()
  signal?.addEventListener('abort', abort)
  return { controller, end: () => signal?.removeEventListener('abort', abort) }
}

/** Throws the error of the defaults: what they cannot be trained with, no other options can. */
export function checkDefaults({ trial }: TrialJob, outcome: TrialOutcome): void {
  if ('error' in outcome && trial === 0 && outcome.error.code !== 'model/diverged') {
    throw TastespaceError.fromJSON(outcome.error)
  }
}
