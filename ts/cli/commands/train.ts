import { type Command, Option } from 'commander'
import {
  checkOptions,
  checkWritable,
  type Dataset,
  type EvaluateOptions,
  type Metrics,
  type Model,
  type Parts,
  type PerUserMetrics,
} from '../../index.ts'
import {
  addEngineFlags,
  addMeasureFlags,
  measuring,
  metricOption,
  patienceOption,
  seedOption,
  validationUsersOption,
} from '../flags/common.ts'
import { addReadFlags, addSideFlags, RATINGS_FILE, rangeOption, readRatings, testJob } from '../flags/reading.ts'
import { type Plan, planOf, splitSpec, splitText } from '../flags/split.ts'
import { queryOf } from '../flags/sql.ts'
import { setting, wholeNumber } from '../flags/values.ts'
import { misuse } from '../terminal/failure.ts'
import { abortable, ifInterrupted } from '../terminal/interrupt.ts'
import { count, counted } from '../terminal/numbers.ts'
import { baselineNote, baselineOf } from './baseline.ts'
import { checkMeasured, idForms, idsOf } from './measured.ts'
import { computes, type EngineJob } from './run.ts'
import { isTooSmall, withoutValidation } from './too-small.ts'
import { trainFolds } from './train-folds.ts'
import { writeTrainReport } from './train-report.ts'
import { reportResult } from './train-result.ts'
import {
  interrupted,
  isOneStep,
  kindOf,
  NO_THRESHOLD,
  newModel,
  PRECISIONS,
  saving,
  type TrainFlags,
  validates,
  watchedFit,
} from './training.ts'

/** `train`: from ratings to a model in a file. `models` ends its help. */
export function addTrain(program: Command, models: () => string): void {
  const command = program
    .command('train')
    .summary('train a model on a file of ratings')
    .description(
      'Train a model on a file of ratings, evaluate it on held-out rows, and write it to a file.\n\n' +
        'Without --epochs a part of the training rows is held out for validation. Training stops when validation no ' +
        'longer improves, and the model is trained again on all training rows for the best number of epochs. Models that ' +
        'are computed in one step are trained once, on all training rows, unless --metric or --no-refit asks for ' +
        'validation.\n\n' +
        '--split holds out rows for test, and by the same rule for validation:\n' +
        '  random:0.1                  a tenth of the rows\n' +
        '  per-user:0.6,0.2,0.2;min=5  fractions of the rows of each user; quote the ;\n' +
        '  leave-one-out               the last row of each user;\n' +
        '                              without times: leave-one-out;order=rows\n' +
        '  time:0.2                    the latest rows\n' +
        '  user:0.2                    whole users, with half of their rows given\n' +
        '  kfold:5                     each of five folds in turn, then trains on all rows\n\n' +
        'Ctrl-C ends training and keeps the best model so far; a second Ctrl-C ends the program. SIGTERM and SIGHUP do ' +
        'the same, with the exit codes 143 and 129.',
    )
    .argument('[data]', RATINGS_FILE)
    .option('--model <kind>', 'kind of model, from the list below')
    .option('--out <file>', 'file to write the model to')
    .option('--test <file>', 'evaluate on the ratings in this file')
    .addOption(new Option('--split <spec>', 'evaluate on held-out rows, by a rule above').argParser(splitText))
    .addOption(new Option('--set <key=value>', 'set an option of the model; can be repeated').argParser(setting))
    .addOption(
      new Option('--epochs <n>', 'train exactly this number of epochs on all training rows').argParser(wholeNumber(1)),
    )
    .addOption(patienceOption())
    .addOption(metricOption())
    .addOption(validationUsersOption())
    .option('--no-refit', 'keep the validated model: do not train again on all training rows')
    .addOption(rangeOption())
    .option('--report <file>', 'write a report with pictures: one HTML file')
    .option('--no-history', 'do not store the training interactions; seen items can then not be left out')
    .option('--no-users', 'do not store the users: the model then serves new users only, by their histories')
    .addOption(
      new Option('--precision <what>', 'precision of the parameters in the file; half of the bytes, rounded').choices(
        PRECISIONS,
      ),
    )
    .addOption(
      new Option(
        '--weights <n>',
        'store this number of weights of each item, for ease and item-knn (default: all)',
      ).argParser(wholeNumber(1)),
    )
    .addOption(seedOption())
    .addOption(
      new Option('--seeds <n>', 'train this number of models with consecutive seeds and average them: --set seeds=<n>') //
        .argParser(wholeNumber(1)),
    )
  addEngineFlags(addSideFlags(addReadFlags(addMeasureFlags(command)))).addHelpText('after', models)
  computes<TrainFlags>(command, ['model', 'out'], train)
}

async function train(job: EngineJob<TrainFlags>, file?: string): Promise<void> {
  const { engine, flags, console } = job
  ifInterrupted('no model was written')
  queryOf(flags, file)
  if (flags.test !== undefined && flags.split) throw misuse('--test and --split exclude each other: give one of them')
  const { patience, metric, validationUsers } = flags
  for (const [flag, value] of Object.entries({ patience, metric, 'validation-users': validationUsers })) {
    if (flags.epochs === undefined || value === undefined) continue
    console.warn(`--${flag} has no effect with --epochs, which trains exactly that number`)
  }
  // Errors in the command line are reported before hours of work.
  const model = await newModel(job)
  const kind = await kindOf(engine, model.kind)
  if (kind.task === 'rating' && flags.positiveThreshold !== undefined) {
    throw misuse(`${kind.kind} predicts ratings: ${NO_THRESHOLD}, or use a ranking model`)
  }
  await checkOptions('fit', { metric: flags.metric, seed: flags.seed }, { kind: model.kind, engine })
  await checkOptions('evaluate', measuring(flags), { kind: model.kind, engine })
  await checkOptions('save', saving(flags), { kind: model.kind, engine })
  const split = flags.split && (await splitSpec(engine, flags.split))
  await checkWritable(flags.out)
  if (flags.report !== undefined) await checkWritable(flags.report)

  const folds = split?.folds
  if (folds !== undefined && flags.report !== undefined) {
    throw misuse(`--report is about one part for test: choose a fold, such as --split "kfold:${folds};fold=0"`)
  }
  const { data, info } = await readRatings(job, file)
  if (split && folds !== undefined) {
    await abortable((signal) => trainFolds(job, data, split, folds, signal))
    return
  }
  const test = flags.test === undefined ? undefined : (await readRatings(testJob(job), flags.test)).data
  const sequential = kind.sequential
  const forms = test ? idForms(await idsOf(data), await idsOf(test)) : []
  const validated = validates(flags, kind)
  const planned = planOf(split, test, validated, flags.seed)
  const last = planned.validation !== undefined && !split && sequential
  const held: Plan = last ? { ...planned, validation: 'leave-one-out' } : planned
  const heldOut = async (): Promise<Parts> =>
    last
      ? {
          ...(await model.validationSplit(data, { seed: flags.seed })),
          trainAndValidation: data,
          ...(test && { test }),
        }
      : data.split(held.options)
  // The rows of a split for test are asked for: where they are too few, it is an error.
  const closed = isOneStep(kind)
  const parts = await heldOut().catch((error: unknown): Parts | Promise<Parts> => {
    if (flags.epochs !== undefined || split || !isTooSmall(error)) throw error
    if (!closed) throw withoutValidation(error)
    return test ? data.split({ by: 'file', test, validation: false }) : { train: data }
  })
  const plan: Plan = parts.validation ? held : { ...held, validation: undefined }
  if (planned.validation !== undefined && !parts.validation) {
    console.note('Training on all rows: they are too few for a validation part')
  }
  if (!last && parts.train !== data) for (const whole of [data, test]) whole?.dispose()

  const { rows } = await parts.train.info()
  const others = (await parts.validation?.info())?.rows ?? 0
  const validating = plan.validation ? `, validating on ${count(others)} others (${plan.validation})` : ''
  const once = closed && !validated ? ', in one step: there are no epochs to choose by validation' : ''
  console.note(`Training ${model.kind} on ${counted(rows, 'row')}${validating}${once}`)
  await abortable(async (signal) => {
    const fit = await watchedFit(job, model, parts, signal).catch((error: unknown) => {
      if (!isTooSmall(error) || flags.epochs !== undefined) throw error
      const { trainAndValidation } = parts
      if (!closed || !trainAndValidation) throw withoutValidation(error)
      console.note('Training on all rows: no validation row could be evaluated')
      return watchedFit(job, model, { train: trainAndValidation }, signal)
    })
    if (fit.stopped === 'aborted') console.warn(interrupted(fit))
    // After an interrupted training the next signal ends the program.
    const until = fit.stopped === 'aborted' ? undefined : signal
    const since = !fit.refit && sequential
    // First of all: evaluating takes a while too, and can fail.
    await model.save(flags.out, saving(flags))
    ifInterrupted(unmeasured(flags.out))
    const options = testOptions(parts, flags, since)
    const { metrics, perUser } = await evaluated(job, model, parts.test, { ...options, signal: until })
    ifInterrupted(undefined)
    const given = (await parts.testGiven?.info())?.rows
    await reportResult(job, model, {
      plan: fit.validation ? plan : { ...plan, validation: undefined },
      fit,
      metrics,
      given,
      since: since && parts.validation !== undefined,
      forms: parts.testGiven ? [] : forms,
    })
    const measured = metrics && { model, fit, metrics }
    const baseline = measured && (await baselineOf(job, measured, parts, options, flags.report !== undefined))
    const note = baseline && baselineNote(measured, baseline)
    if (note) console.note(note)
    if (flags.report !== undefined) {
      await writeTrainReport(job, flags.report, model, {
        file,
        info,
        parts,
        plan,
        fit,
        metrics: perUser,
        baseline,
      })
    }
    baseline?.model.dispose()
    if (metrics) checkMeasured(metrics)
  })
}

/**
 * How the test part is evaluated: rows given as history, and rows whose items are not ranked. A sequential model that was not
 * trained on the validation rows has them as input.
 */
function testOptions({ testGiven, validation }: Parts, flags: TrainFlags, since: boolean): EvaluateOptions {
  return { given: testGiven ?? (since ? validation : undefined), exclude: validation, ...measuring(flags) }
}

/** The metrics of a model that was written, for a report those of each user too; none if the user does not wait for them. */
async function evaluated(
  { console, flags }: EngineJob<TrainFlags>,
  model: Model,
  test: Dataset | undefined,
  options: EvaluateOptions,
): Promise<{ readonly metrics?: Metrics; readonly perUser?: PerUserMetrics }> {
  if (!test) return {}
  try {
    if (flags.report === undefined) return { metrics: await model.evaluate(test, options) }
    const perUser = await model.evaluate(test, { ...options, perUser: true })
    return { metrics: perUser, perUser }
  } catch (error) {
    if (!options.signal?.aborted) throw error
    console.warn(`interrupted: ${unmeasured(flags.out)}`)
    return {}
  }
}

function unmeasured(out: string): string {
  return `${out} was written, without its metrics`
}
