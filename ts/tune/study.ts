import { badArgument, isRecord } from '../arguments.ts'
import { moreIsBetter } from '../evaluation/metrics.ts'
import { optionsOf, type Space } from './space.ts'
import type { Trial, TrialJob, TrialOutcome } from './trial.ts'

/** What a study searches, and how. */
export interface StudyPlan {
  readonly kind: string
  readonly metric: string
  readonly space: Space
  /** Options that every trial has. */
  readonly set: Readonly<Record<string, unknown>>
  /** Number of trials. */
  readonly trials: number
  /** Largest number of epochs of a trial. */
  readonly epochs: number
  /** Of the trials of a rung, one in this many goes on, with this many times the epochs. */
  readonly reduction: number
  readonly seed: number
}

/** Rungs of a study at most: trials are compared first after 1/27 of the epochs, with a reduction of 3. */
const MOST_RUNGS = 4

/**
 * A hyperparameter search by successive halving (Jamieson and Talwalkar, AISTATS 2016). All trials train a few epochs; the best
 * third of them trains three times as many, and so on. The defaults, trial 0, always go on to the end.
 *
 * Which trial goes on depends on the results alone, not on their order in time: a study that was stopped and goes on, or is shared
 * by several workers, comes to the same best trial.
 *
 * @example
 * const study = await createStudy({ kind: 'ease' })
 * const job = study.ask()
 * study.tell(job, { value: 0.21, epoch: 1, ended: true })
 * console.log(study.trials[0])
 */
export class Study {
  readonly #outcomes = new Map<string, TrialOutcome>()
  readonly #asked = new Set<string>()
  readonly #options = new Map<number, Readonly<Record<string, unknown>>>()
  /** The first trial with the same options, of each trial so far. */
  readonly #firsts: number[] = []
  readonly #byOptions = new Map<string, number>()
  /** Epochs of each rung. */
  readonly rungs: readonly number[]

  constructor(readonly plan: StudyPlan) {
    const { trials, epochs, reduction } = plan
    const halvings = Math.min(MOST_RUNGS - 1, logarithm(trials, reduction), logarithm(epochs, reduction))
    this.rungs = Array.from({ length: halvings + 1 }, (_, rung) => Math.ceil(epochs / reduction ** (halvings - rung)))
  }

  /** What to train next; undefined if all is done, or waits for jobs that others were given. */
  ask(): TrialJob | undefined {
    for (const rung of this.rungs.keys()) {
      const trials = this.#trialsOf(rung)
      const job = this.#given(trials, rung)
      if (job) return job
      if (!trials.every((trial) => this.outcomeOf(trial, rung))) return undefined
    }
    return undefined
  }

  /**
   * What to train in the next rung, instead of waiting for jobs that others were given: the best trial so far. Its result counts only if
   * the trial is still among the best when the rung is done. So the best trial of the study does not depend on time. Undefined
   * if no trial is good enough yet, or the rung is the last.
   *
   * @example
   * const job = study.ask() ?? study.askAhead()
   */
  askAhead(): TrialJob | undefined {
    const next = this.rungs.findIndex((_, rung) => this.#trialsOf(rung).length === 0)
    return next < 0 ? undefined : this.#given(this.#best(this.#trialsOf(next - 1), next), next)
  }

  /**
   * Whether the result of a job may still count. A worker can end a job for which it does not.
   *
   * @example
   * if (!study.needs(job)) study.forget(job)
   *
   * @throws `config/bad-argument`
   */
  needs(job: Pick<TrialJob, 'trial' | 'rung'>): boolean {
    const { trial, rung } = this.#checked('needs', job)
    const trials = this.#trialsOf(rung)
    return !this.outcomeOf(trial, rung) && (trials.length === 0 || trials.includes(this.#firstOf(trial)))
  }

  /**
   * Takes the result of a job.
   *
   * @throws `config/bad-argument` for a job that this study cannot have given, or what is no result
   */
  tell(job: Pick<TrialJob, 'trial' | 'rung'>, outcome: TrialOutcome): void {
    const { trial, rung } = this.#checked('tell', job)
    const result: unknown = outcome
    if (!isRecord(result))
      throw badArgument('tell', 'outcome', result, 'an object { value, epoch, ended } or { error }')
    if (!isRecord(result.error)) {
      const { value, epoch, ended } = result
      if (typeof value !== 'number' || !Number.isFinite(value)) {
        throw badArgument(
          'tell',
          'outcome.value',
          value,
          'a finite number, or { error } with its code and message for a trial that failed',
        )
      }
      const most = this.rungs[rung] ?? 0
      if (typeof epoch !== 'number' || !Number.isInteger(epoch) || epoch < 0 || epoch > most) {
        throw badArgument('tell', 'outcome.epoch', epoch, `an integer from 0 to ${most}, the epochs of the job`)
      }
      if (typeof ended !== 'boolean') throw badArgument('tell', 'outcome.ended', ended, 'true or false')
    }
    this.#outcomes.set(`${trial}/${rung}`, outcome)
  }

  /**
   * Gives a job back that was not done: `ask` will give it again.
   *
   * @throws `config/bad-argument`
   */
  forget(job: Pick<TrialJob, 'trial' | 'rung'>): void {
    const { trial, rung } = this.#checked('forget', job)
    this.#asked.delete(`${trial}/${rung}`)
  }

  /** The options that a trial varies. */
  optionsOf(trial: number): Readonly<Record<string, unknown>> {
    if (!Number.isInteger(trial) || trial < 0) throw badArgument('optionsOf', 'trial', trial, 'an integer from 0')
    const options = this.#options.get(trial) ?? optionsOf(this.plan.space, this.plan.seed, trial)
    this.#options.set(trial, options)
    return options
  }

  /**
   * The result of a trial in a rung. Training that has ended has the same result in all later rungs, and a trial with the options
   * of an earlier one has its result.
   */
  outcomeOf(trial: number, rung: number): TrialOutcome | undefined {
    const first = this.#firstOf(trial)
    for (let at = rung; at >= 0; at--) {
      const outcome = this.#outcomes.get(`${first}/${at}`)
      if (outcome && (at === rung || 'error' in outcome || outcome.ended)) return outcome
    }
    return undefined
  }

  /** Epochs done, and epochs in all; those after the end of a training that ended early are done with it. */
  get progress(): { readonly done: number; readonly of: number } {
    let [done, of] = [0, 0]
    for (const [rung, epochs] of this.rungs.entries()) {
      const added = epochs - (this.rungs[rung - 1] ?? 0)
      const trials = this.#trialsOf(rung)
      done += added * trials.filter((trial) => this.outcomeOf(trial, rung)).length
      // The defaults may be one more in a rung to come.
      of += added * (trials.length > 0 ? trials.length : this.#sizeOf(rung) + 1)
    }
    return { done, of }
  }

  /** The trials with a result, the best first. Equal ones are in the order of their numbers, failed ones are last. */
  get trials(): Trial[] {
    const rungs = this.rungs.map((_, rung) => new Set(this.#trialsOf(rung)))
    const found: Trial[] = []
    for (let trial = 0; trial < this.plan.trials; trial++) {
      const first = this.#firstOf(trial)
      // Not a rung that it was trained for ahead without being chosen.
      const last = rungs.findLastIndex((trials, rung) => trials.has(first) && this.#outcomes.has(`${first}/${rung}`))
      const outcome = this.#outcomes.get(`${first}/${last}`)
      const epochs = this.rungs[last]
      if (outcome && epochs !== undefined)
        found.push({ trial, options: this.optionsOf(trial), ...resultOf(outcome), epochs })
    }
    return found.sort((a, b) => this.#loss(a.value) - this.#loss(b.value) || a.trial - b.trial)
  }

  /** The first of these trials that has no result in a rung and was not given, as a job. */
  #given(trials: readonly number[], rung: number): TrialJob | undefined {
    const open = (trial: number) =>
      !this.#asked.has(`${trial}/${rung}`) && !this.outcomeOf(trial, rung) && this.#firstOf(trial) === trial
    const trial = trials.find(open)
    const epochs = this.rungs[rung]
    if (trial === undefined || epochs === undefined) return undefined
    this.#asked.add(`${trial}/${rung}`)
    return { trial, rung, epochs, options: { ...this.plan.set, ...this.optionsOf(trial) } }
  }

  /** The first trial with the same options: choices repeat. */
  #firstOf(trial: number): number {
    for (let next = this.#firsts.length; next <= trial; next++) {
      const { ranges, fixed } = this.plan.space
      const options = next === 0 ? fixed : this.optionsOf(next)
      const key = JSON.stringify(ranges.map(({ name }) => options[name] ?? null))
      const first = this.#byOptions.get(key) ?? next
      this.#byOptions.set(key, first)
      this.#firsts.push(first)
    }
    return this.#firsts[trial] ?? trial
  }

  #checked(where: string, job: unknown): { trial: number; rung: number } {
    const { trial, rung }: Readonly<Record<string, unknown>> = isRecord(job) ? job : {}
    const below = (value: unknown, end: number): value is number =>
      typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < end
    if (below(trial, this.plan.trials) && below(rung, this.rungs.length)) return { trial, rung }
    throw badArgument(
      where,
      'job',
      job,
      `a job of ask, with a trial below ${this.plan.trials} and a rung below ${this.rungs.length}`,
    )
  }

  /** The trials of a rung, the most promising first; none while the rung before it is not done. */
  #trialsOf(rung: number): number[] {
    if (rung === 0) return Array.from({ length: this.plan.trials }, (_, trial) => trial)
    const before = this.#trialsOf(rung - 1)
    return before.every((trial) => this.outcomeOf(trial, rung - 1)) ? this.#best(before, rung) : []
  }

  /** Those that go on to a rung, as far as the trials of the rung before it have results. */
  #best(before: readonly number[], rung: number): number[] {
    const outcomes = before.flatMap((trial) => {
      const outcome = this.outcomeOf(trial, rung - 1)
      return outcome ? [{ trial, outcome }] : []
    })
    const ranked = outcomes
      .filter(({ outcome }) => 'value' in outcome)
      .sort((a, b) => this.#lossOf(a.outcome) - this.#lossOf(b.outcome) || a.trial - b.trial)
      .map(({ trial }) => trial)
    const best = ranked.slice(0, this.#sizeOf(rung))
    return best.includes(0) || !ranked.includes(0) ? best : [...best, 0]
  }

  #sizeOf(rung: number): number {
    return Math.ceil(this.plan.trials / this.plan.reduction ** rung)
  }

  #lossOf(outcome: TrialOutcome): number {
    return this.#loss('value' in outcome ? outcome.value : undefined)
  }

  #loss(value: number | undefined): number {
    if (value === undefined) return Number.POSITIVE_INFINITY
    return moreIsBetter(this.plan.metric) ? -value : value
  }
}

function resultOf(outcome: TrialOutcome): Pick<Trial, 'value' | 'epoch' | 'error'> {
  return 'error' in outcome ? { error: outcome.error } : { value: outcome.value, epoch: outcome.epoch }
}

/** The largest n for which baseⁿ is at most a value. */
function logarithm(value: number, base: number): number {
  let power = 0
  for (let product = base; product <= value; product *= base) power++
  return power
}
