import { copyTo, type Dataset } from '../data/dataset.ts'
import type { EngineClient } from '../engine/client.ts'
import type { Client } from '../engine/handle.ts'
import { TastespaceError } from '../errors.ts'
import type { EpochReport } from '../models/fit.ts'
import { createModelByName } from '../models/kinds.ts'
import { freeMemory, ownEngine } from '../platform/platform.ts'
import { TrialFit } from './fit.ts'
import type { Study } from './study.ts'
import type { TrialJob, TrialOutcome } from './trial.ts'

/** What trials need of a data set. */
export interface TrialParts {
  readonly train: Dataset
  readonly validation?: Dataset | undefined
  readonly validationGiven?: Dataset | undefined
}

/** An engine with the data, and the trainings in it that wait for the next rung. */
export class TrialEngine {
  readonly #paused = new Map<number, TrialFit>()

  constructor(
    readonly client: Client,
    readonly parts: TrialParts,
  ) {}

  /** Whether the training of a trial waits here. */
  holds(trial: number): boolean {
    return this.#paused.has(trial)
  }

  /** Does a job. A training that waits here goes on; from the start it would come to the same bits. */
  async run(
    study: Study,
    job: TrialJob,
    signal: AbortSignal | undefined,
    watch: (report: EpochReport) => void | Promise<void>,
  ): Promise<TrialOutcome> {
    const outcome = await this.#upTo(study, job, signal, watch)
    if (!('error' in outcome && outcome.error.code === 'memory/too-large' && this.#paused.size > 0)) return outcome
    await this.release()
    return this.#upTo(study, job, signal, watch)
  }

  async #upTo(
    study: Study,
    job: TrialJob,
    signal: AbortSignal | undefined,
    watch: (report: EpochReport) => void | Promise<void>,
  ): Promise<TrialOutcome> {
    const fit = this.#paused.get(job.trial) ?? (await begin(this.client, study, this.parts, job))
    this.#paused.set(job.trial, fit)
    const outcome = await fit.upTo(job.epochs, signal, watch)
    if ('error' in outcome || outcome.ended || job.rung === study.rungs.length - 1) await this.stop(job.trial)
    return outcome
  }

  /** Ends the trainings that wait. */
  async release(): Promise<void> {
    for (const trial of [...this.#paused.keys()]) await this.stop(trial)
  }

  /** Ends the training of a trial, if it waits here. */
  async stop(trial: number): Promise<void> {
    await this.#paused.get(trial)?.stop()
    this.#paused.delete(trial)
  }
}

/** The training of a job's trial. */
export async function begin(
  engine: Client,
  { plan }: Study,
  { train, validation, validationGiven }: TrialParts,
  { options }: TrialJob,
): Promise<TrialFit> {
  const model = await createModelByName(plan.kind, options, { engine })
  const { epochs, seed, metric } = plan
  return new TrialFit(model, train, { epochs, seed, metric, validation, validationGiven })
}

/** Beside the bytes in use: code, stacks of the threads, and memory that is held without use. */
const OVERHEAD = 100 * 2 ** 20

/**
 * How many engines train at the same time: one for each thread, as far as half of the free memory has room for as much as a
 * trial took. One where free memory is not known.
 */
export function engineCount(threads: number, trials: number, peakBytes: number): number {
  const free = freeMemory()
  const room = free === undefined ? 1 : Math.floor(free / 2 / (peakBytes + OVERHEAD))
  return Math.max(1, Math.min(threads, trials, room))
}

/** Engines with copies of the data, which share the threads of an engine. None where there is no room for two. */
export async function engines(count: number, { client, parts }: TrialEngine): Promise<TrialEngine[]> {
  const made: TrialEngine[] = []
  const threads = Math.max(1, Math.floor(client.threads / count))
  while (made.length < count) {
    const engine = await withCopy(threads, parts)
    if (!engine) break
    made.push(engine)
  }
  if (made.length > 1) return made
  for (const { client } of made) client.dispose()
  return []
}

/** An engine with a copy of the data; undefined where there is no room. */
async function withCopy(threads: number, parts: TrialParts): Promise<TrialEngine | undefined> {
  let engine: EngineClient | undefined
  try {
    const client = await ownEngine(threads)
    engine = client
    const copy = async (data: Dataset | undefined) => data && copyTo(client, data)
    return new TrialEngine(client, {
      train: await copyTo(client, parts.train),
      validation: await copy(parts.validation),
      validationGiven: await copy(parts.validationGiven),
    })
  } catch (error) {
    engine?.dispose()
    if (isErrorWith(error, 'memory/too-large') || isErrorWith(error, 'engine/not-started')) return undefined
    throw error
  }
}

function isErrorWith(error: unknown, code: string): boolean {
  return error instanceof TastespaceError && error.code === code
}
