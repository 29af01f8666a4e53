import { checkKeys, checkOptions, checkPath, checkSignal, optionsText } from '../arguments.ts'
import type { Dataset, Parts } from '../data/dataset.ts'
import { clientOf } from '../engine/client.ts'
import { ask, resourceOf } from '../engine/handle.ts'
import {
  EVALUATE_KEYS,
  type EvaluateOptions,
  type Metrics,
  metricsOf,
  type PerUserMetrics,
  perUserMetricsOf,
} from '../evaluation/metrics.ts'
import { files } from '../platform/platform.ts'
import type { SaveOptions } from './answers.ts'
import { type ContinueOptions, checkData, checkFit, type FitOptions, type FitReport } from './fit.ts'
import { ServingModel } from './serving.ts'
import { abortTraining, continueFit, fit, validationSplit } from './train.ts'

/** What every model can do. Classes of models, such as `CML`, add what only some can. */
export abstract class Model extends ServingModel {
  /**
   * Trains from scratch. After every epoch the model can be used. With neither `epochs` nor `validation`, a tenth of the
   * rows (for sequential models the last row of each user) is held out to choose the number of epochs, and the model is
   * then trained again on all rows. If the returned promise rejects, the model is unchanged.
   *
   * @example
   * const report = await model.fit(train, { validation, patience: 5, onEpoch: ({ epoch, loss }) => console.log(epoch, loss) })
   *
   * @throws `model/busy` while it is being trained, `config/…` for invalid options, `memory/too-large`, `model/diverged`,
   * the signal's reason if it is aborted before the first epoch is done
   */
  async fit(train: Dataset, options: FitOptions = {}): Promise<FitReport> {
    checkFit('fit', this, train, options)
    return fit(this, train, options)
  }

  /**
   * Continues training for `epochs` more, or until validation stops improving. `train` may be the same data, as if training
   * had never stopped (but adam and adagrad start with fresh moments), or new data, whose users and items are added to
   * those of the model. The earlier interactions, which are in the model, are then trained on again, except those of
   * `validation`: else they would be forgotten. A model without its history trains on `train` alone. If the returned
   * promise rejects, the model is unchanged.
   *
   * @example
   * await model.continueFit(newer, { epochs: 5 })
   *
   * @throws `model/not-fitted`, `model/busy`, `config/missing` without `epochs` and `validation`, and those of `fit`
   */
  async continueFit(train: Dataset, options: ContinueOptions): Promise<FitReport> {
    checkFit('continueFit', this, train, options)
    return continueFit(this, train, options)
  }

  /**
   * Holds out validation rows as `fit` does by itself: a tenth, or for sequential models the last row of each user.
   *
   * @example
   * const { train, validation } = await model.validationSplit(data)
   */
  async validationSplit(
    data: Dataset,
    options: { readonly seed?: number | undefined } = {},
  ): Promise<Required<Pick<Parts, 'train' | 'validation'>>> {
    checkData('validationSplit', 'data', this, data, true)
    return validationSplit(this, data, checkKeys('validationSplit', options, ['seed']).seed ?? 0)
  }

  /** Thousandths of the current epoch that are done; 0 between epochs and where that is not known. */
  get progress(): number {
    // Not by its resource: a display may look once more after `dispose`.
    return clientOf(this.engine).progress()
  }

  /**
   * Metrics on held-out rows: of ranking models over all items, of rating models in rating points or, with `task: 'ranking'`,
   * over all items too. With `perUser` also the metrics of each user, for `confidenceIntervals` and `pairedTests`.
   *
   * @example
   * const { values } = await model.evaluate(test, { exclude: validation, k: [10] })
   * console.log(values['ndcg@10'])
   *
   * @throws `model/not-fitted`, `model/unsupported` for a task that the model does not have, `config/unknown-metric`, `config/…`
   */
  evaluate(test: Dataset, options: EvaluateOptions & { readonly perUser: true }): Promise<PerUserMetrics>
  evaluate(test: Dataset, options?: EvaluateOptions): Promise<Metrics>
  async evaluate(test: Dataset, options: EvaluateOptions = {}): Promise<Metrics | PerUserMetrics> {
    const { given, exclude, signal, ...rest } = checkKeys('evaluate', options, EVALUATE_KEYS)
    checkSignal('evaluate', signal)
    checkData('evaluate', 'test', this, test, true)
    for (const [name, data] of Object.entries({ given, exclude })) checkData('evaluate', name, this, data)
    const beside = [given && resourceOf(given).handle, exclude && resourceOf(exclude).handle] as const
    const { client, handle } = resourceOf(this)
    const asked = [handle, resourceOf(test).handle, ...beside, optionsText('evaluate', rest)] as const
    const measured = await client.callWhile(signal, 'evaluate', ...asked)
    if (rest.perUser) return perUserMetricsOf(measured, await test.userIds())
    return metricsOf(JSON.parse(measured.report))
  }

  /**
   * The model as the bytes of a safetensors file.
   *
   * @throws `model/not-fitted`, `memory/too-large`
   */
  async toBytes(options: SaveOptions = {}): Promise<Uint8Array> {
    return ask(this, 'save', optionsText('toBytes', options))
  }

  /**
   * Writes the model to a safetensors file, completely or not at all.
   *
   * @example
   * await model.save('cml.safetensors')
   *
   * @throws `model/not-fitted`, `file/disk-full`, `file/no-access` and other `file/…` codes
   */
  async save(path: string | URL, options: SaveOptions = {}): Promise<void> {
    await files().write(checkPath('save', path), await this.toBytes(checkOptions('save', options)))
  }

  /** Frees its memory in the engine and aborts its training. A second call does nothing. */
  override dispose(): void {
    super.dispose()
    abortTraining(this)
  }
}
