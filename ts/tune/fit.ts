import type { Dataset } from '../data/dataset.ts'
import { TastespaceError } from '../errors.ts'
import { moreIsBetter } from '../evaluation/metrics.ts'
import type { EpochReport, FitOptions } from '../models/fit.ts'
import type { Model } from '../models/model.ts'
import type { TrialOutcome } from './trial.ts'

/** What the caller sees of a trial's epochs. */
type Watch = (report: EpochReport) => void | Promise<void>

/** The training of a trial, which pauses after a number of epochs until it is told to go on. */
export class TrialFit {
  readonly #stop = new AbortController()
  readonly #ended: Promise<'ended'>
  #history: EpochReport[] = []
  #target = 0
  #reached = () => {}
  #goOn = () => {}
  #watch: Watch = () => {}
  #done = false

  constructor(
    private readonly model: Model,
    train: Dataset,
    options: Pick<FitOptions, 'epochs' | 'validation' | 'validationGiven' | 'metric' | 'seed'>,
  ) {
    const fit = this.#gate().then(() =>
      model.fit(train, { ...options, signal: this.#stop.signal, onEpoch: (report) => this.#onEpoch(report) }),
    )
    this.#ended = fit.then((): 'ended' => {
      this.#done = true
      return 'ended'
    })
    // Where nobody waits for it, a stopped training is no failure.
    this.#ended.catch(() => {})
  }

  /** Trains up to a number of epochs in all. */
  async upTo(epochs: number, signal: AbortSignal | undefined, watch: Watch): Promise<TrialOutcome> {
    this.#target = epochs
    this.#watch = watch
    const abort = () => this.#stop.abort(signal?.reason)
    signal?.throwIfAborted()
    signal?.addEventListener('abort', abort)
    try {
      const reached = new Promise<'reached'>((resolve) => {
        this.#reached = () => resolve('reached')
      })
      this.#goOn()
      await Promise.race([this.#ended, reached])
      signal?.throwIfAborted()
      const best = bestOf(this.#history)
      if (Number.isNaN(best.value)) throw new TastespaceError('study/no-trial', 'no epoch had a value on validation')
      return { ...best, ended: this.#done || this.#history.at(-1)?.last === true }
    } catch (error) {
      if (signal?.aborted || !(error instanceof TastespaceError)) throw error
      return { error: error.toJSON() }
    } finally {
      signal?.removeEventListener('abort', abort)
    }
  }

  /** Ends the training and frees its model. */
  async stop(): Promise<void> {
    this.#stop.abort(new TastespaceError('cancelled', 'the trial was ended'))
    this.#goOn()
    await this.#ended.catch(() => {})
    this.model.dispose()
  }

  async #onEpoch(report: EpochReport): Promise<void> {
    this.#history.push(report)
    await this.#watch(report)
    if (report.last || report.epoch < this.#target || this.#stop.signal.aborted) return
    const gate = this.#gate()
    this.#reached()
    await gate
  }

  /** Waits for `upTo` or `stop`. */
  #gate(): Promise<void> {
    return new Promise((resolve) => {
      this.#goOn = resolve
    })
  }
}

/** The best epoch. A start such as damped biases does not count: all trials share it. */
function bestOf(history: readonly EpochReport[]): { value: number; epoch: number } {
  let best = { value: Number.NaN, epoch: 0, loss: Number.POSITIVE_INFINITY }
  for (const { epoch, validation, metric } of history) {
    const value = validation?.values[metric] ?? Number.NaN
    const loss = moreIsBetter(metric) ? -value : value
    if (loss < best.loss) best = { value, epoch, loss }
  }
  return { value: best.value, epoch: best.epoch }
}
