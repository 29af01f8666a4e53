import { badArgument, checkKeys, isRecord, keysOf, shown } from '../arguments.ts'
import type { Engine } from '../engine/engine.ts'
import { TastespaceError } from '../errors.ts'
import type { MetricName } from '../evaluation/metrics.ts'
import { checkOptions } from '../models/check.ts'
import { checkSettings, type ModelSettings } from '../models/create.ts'
import { describeKind, isOneStep } from '../models/describe.ts'
import { checkCounts } from '../models/fit.ts'
import type { Kind } from '../models/generated/names.ts'
import { engineOf } from '../platform/platform.ts'
import { spaceOf, type TuneSpace } from './space.ts'
import { Study } from './study.ts'

/** What a study searches, and how. */
export interface StudyOptions {
  /** The kind of model. */
  readonly kind: Kind
  /** Options that every trial has. They are not varied. */
  readonly options?: Readonly<Record<string, unknown>> | undefined
  /** The options to vary with their values, in place of the kind's own: `{ penalty: { low: 0.01, high: 1, log: true } }`. */
  readonly space?: TuneSpace | undefined
  /** Number of trials, from 1 to 1,000. Trial 0 has the defaults. Default 30. */
  readonly trials?: number | undefined
  /** Largest number of epochs of a trial, from 1. Default: that of the kind. */
  readonly epochs?: number | undefined
  /** One in this many trials goes on, with this many times the epochs: from 2 to 1,000. Default 3. */
  readonly reduction?: number | undefined
  /** The metric on validation to improve, as `fit` takes it. Default `rmse` for rating models, `ndcg@10` for ranking models. */
  readonly metric?: MetricName | undefined
  /** Seed of the values that are tried and of every training. Default 0. */
  readonly seed?: number | undefined
}

export const STUDY_KEYS = keysOf<StudyOptions>({
  kind: true,
  options: true,
  space: true,
  trials: true,
  epochs: true,
  reduction: true,
  metric: true,
  seed: true,
})

/**
 * Makes a study for trainings of your own, on several machines for example: `ask` gives a job, `tell` takes its result. `tune`
 * is a study with trainings on this machine.
 *
 * @example
 * const study = await createStudy({ kind: 'ease', trials: 10 })
 * for (let job = study.ask(); job; job = study.ask()) {
 *   const model = await createModelByName('ease', job.options)
 *   const { validation, epochs } = await model.fit(train, { epochs: job.epochs, validation: held })
 *   study.tell(job, { value: validation.values['ndcg@10'], epoch: epochs, ended: true })
 *   model.dispose()
 * }
 * console.log(study.trials[0])
 *
 * @throws `config/…` for invalid options
 */
export async function createStudy(options: StudyOptions, settings: ModelSettings = {}): Promise<Study> {
  checkKeys('createStudy', options, STUDY_KEYS)
  const engine = await engineOf(checkSettings('createStudy', settings).engine)
  return studyOf('createStudy', engine, options)
}

/** A study with options whose names were checked. */
export async function studyOf(where: string, engine: Engine, options: StudyOptions): Promise<Study> {
  checkStudy(where, options)
  const kind = await describeKind(engine, options.kind)
  const { options: set = {}, space, trials = 30, epochs = kind.epochs, reduction = 3, seed = 0, metric } = options
  await checkOptions('fit', { metric, seed }, { kind: kind.kind, engine })
  const complete = await checkOptions('model', set, { kind: kind.kind, engine })
  const plan = spaceOf(where, kind, { ...complete }, set, space)
  for (const { name, choices = [] } of plan.ranges) {
    for (const choice of choices) await checkOptions('model', { ...set, [name]: choice }, { kind: kind.kind, engine })
  }
  return new Study({
    kind: kind.kind,
    metric: metric ?? (kind.task === 'rating' ? 'rmse' : 'ndcg@10'),
    space: plan,
    set,
    trials,
    epochs: isOneStep(kind) ? 1 : epochs,
    reduction,
    seed,
  })
}

function checkStudy(where: string, { kind, options, space, trials, epochs, reduction, seed }: StudyOptions): void {
  if (typeof kind !== 'string') throw badArgument(where, 'kind', kind, 'the name of a kind')
  for (const [name, value] of Object.entries({ options, space })) {
    if (value !== undefined && !isRecord(value)) throw badArgument(where, name, value, 'an object by names of options')
  }
  checkCounts(where, { epochs })
  const integers = {
    trials: [trials, 1, 1000],
    reduction: [reduction, 2, 1000],
    seed: [seed, 0, 2 ** 53 - 1],
  } as const
  for (const [key, [value, least, most]] of Object.entries(integers)) checkInteger(where, key, value, least, most)
}

/** Refuses an option that is given and is no integer of a range. */
export function checkInteger(where: string, key: string, value: unknown, least: number, most: number): void {
  if (value === undefined || (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most))
    return
  const message = `${where} option '${key}' is ${shown(value)}: expected an integer from ${least} to ${most}`
  throw new TastespaceError('config/out-of-range', message, { kind: where, key, value })
}
