import { stat } from 'node:fs/promises'
import { type Command, Option } from 'commander'
import { checkWritable, type EpochReport, loadModel, type Metrics } from '../../index.ts'
import { addEngineFlags, addMeasureFlags, type MeasureFlags, measuring, seedOption } from '../flags/common.ts'
import { addReadFlags, addSideFlags, type ReadFlags, readRatings, testJob } from '../flags/reading.ts'
import { queryOf } from '../flags/sql.ts'
import { wholeNumber } from '../flags/values.ts'
import { misuse } from '../terminal/failure.ts'
import { abortable, ifInterrupted } from '../terminal/interrupt.ts'
import { figuresOf, metricsTable, tested } from '../terminal/metrics.ts'
import { bytes, count, counted, duration, milliseconds } from '../terminal/numbers.ts'
import { feedbackText } from './feedback.ts'
import { idForms, idsOf } from './measured.ts'
import { computes, type EngineJob } from './run.ts'
import { isOneStep, kindOf, NO_THRESHOLD } from './training.ts'

/** Flags of `update`. */
interface UpdateFlags extends ReadFlags, MeasureFlags {
  readonly out?: string
  readonly test?: string
  readonly epochs: number
  readonly seed: number
}

/** The rows that a model is updated with, in messages. */
const NEW = 'the new ratings'

/** `update`: continues the training of a saved model with new ratings. */
export function addUpdate(program: Command): void {
  const command = program
    .command('update')
    .summary('continue the training of a saved model with new ratings')
    .description(
      'Continue the training of a saved model with new ratings, of known and of new users and items, and write the ' +
        'result to another file. The new ratings are enough: the earlier ones are in the model and are trained on again, ' +
        'so that nothing is forgotten. A few epochs cost far less than training again from the start.\n\n' +
        'Ctrl-C keeps the last whole epoch; a second Ctrl-C ends the program.',
    )
    .argument('<model>', 'file of a model that train wrote')
    .argument('[data]', 'file of new ratings; - for standard input')
    .option('--out <file>', 'file to write the model to')
    .option('--test <file>', 'evaluate on the ratings in this file, before and after')
    .addOption(new Option('--epochs <n>', 'number of epochs').argParser(wholeNumber(1)).default(5))
    .addOption(seedOption())
  addEngineFlags(addSideFlags(addReadFlags(addMeasureFlags(command))))
  computes<UpdateFlags>(command, ['out'], update)
}

async function update(job: EngineJob<UpdateFlags>, file = '', data?: string): Promise<void> {
  const { engine, flags, console } = job
  const { out = '', epochs, seed } = flags
  queryOf(flags, data)
  await checkWritable(out)
  const model = await loadModel(file, { engine })
  const before = await model.info()
  if (!before.fitted || !before.history) {
    const message = `${file} has no training interactions, so that an update would forget them: train on the earlier and the new ratings, without --no-history and --no-users`
    throw misuse(message, { file })
  }
  const oneStep = isOneStep(await kindOf(engine, model.kind))
  const { data: train } = await readRatings(job, data)
  for (const line of idForms(await idsOf(model), await idsOf(train), NEW, NEW)) console.warn(line)
  const { ratings } = await train.info()
  if (before.task === 'rating') {
    const [low, high] = before.range
    if (!ratings) {
      const remedy = flags.positiveThreshold === undefined ? 'name their column by --columns' : NO_THRESHOLD
      throw misuse(`${data} has no ratings, which a ${model.kind} model predicts: ${remedy}`, { file: data })
    }
    if (ratings.range[0] < low || ratings.range[1] > high) {
      const range = [Math.min(low, ratings.range[0]), Math.max(high, ratings.range[1])]
      console.warn(
        `ratings of ${data} go from ${ratings.range.join(' to ')}: the range of the model, ${low} to ${high}, becomes ${range.join(' to ')}`,
      )
    }
  }
  if (before.task === 'ranking' && ratings && !before.feedback) {
    console.warn(
      `the model learned from rows without ratings, and the rows of ${data} have ratings from ${ratings.range.join(' to ')}: each of them counts ` +
        'as one positive. If the model was trained with --positive-threshold, give it here too',
    )
  }
  const test = flags.test === undefined ? undefined : (await readRatings(testJob(job), flags.test)).data
  const measured = async (signal?: AbortSignal) => test && (await model.evaluate(test, { ...measuring(flags), signal }))
  const first = await measured()
  ifInterrupted('no model was written')
  await abortable(async (signal) => {
    let last: EpochReport | undefined
    const stop = console.progress('Updating', () => ({
      fraction: Math.min(((last?.epoch ?? 0) + model.progress / 1000) / epochs, 1),
      facts: oneStep ? [] : [`epoch ${Math.min((last?.epoch ?? 0) + 1, epochs)}/${epochs}`],
    }))
    const onEpoch = (report: EpochReport) => {
      last = report
    }
    const fit = await model.continueFit(train, { epochs, seed, signal, onEpoch }).finally(stop)
    if (fit.stopped === 'aborted') console.warn(`stopped at epoch ${count(fit.epochs)}: kept it`)
    await model.save(out)
    const unmeasured = `${out} was written, without its metrics`
    ifInterrupted(unmeasured)
    const second = await measured(fit.stopped === 'aborted' ? undefined : signal).catch((error: unknown) => {
      if (!signal.aborted) throw error
      console.warn(`interrupted: ${unmeasured}`)
      return undefined
    })
    ifInterrupted(undefined)
    const after = await model.info()
    if (!after.fitted) throw new Error('it was trained')
    for (const line of feedbackText(after.feedback)) console.note(line)
    const { users, items } = after
    const { rows } = after.training
    const added = { users: users - before.users, items: items - before.items }
    const document = {
      model: model.kind,
      rows: { new: (await train.info()).rows, all: rows },
      added,
      epochs: fit.epochs,
      stopped: fit.stopped,
      ...(first && second && { before: figuresOf(first), metrics: figuresOf(second), tested: second.rows }),
      seconds: milliseconds(fit.seconds),
      engine: { build: engine.build, threads: engine.threads },
      out,
    }
    const { size } = await stat(out)
    await console.result(document, () => {
      const { bold } = console.resultStyle
      const part = (name: string, metrics: Metrics) => ({ name, figures: figuresOf(metrics), note: tested(metrics) })
      return [
        `${bold(model.kind)}  ${counted(document.rows.new, 'new row')}, ${counted(added.users, 'new user')}, ${counted(added.items, 'new item')}; ` +
          `${oneStep ? 'one step' : counted(fit.epochs, 'epoch')} on ${counted(rows, 'row')}, ${duration(fit.seconds)}`,
        ...(first && second ? [metricsTable([part('before', first), part('after', second)], console.resultStyle)] : []),
        `written to ${bold(out)} (${bytes(size)})`,
      ].join('\n')
    })
  })
}
