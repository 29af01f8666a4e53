import { type Command, Option } from 'commander'
import {
  checkWritable,
  createModelByName,
  type Dataset,
  describe,
  type EpochReport,
  isKind,
  type Parts,
  type SplitText,
  type TrialJob,
  type TrialOutcome,
  type TuneRange,
  type TuneReport,
  tune,
  writeFile,
} from '../../index.ts'
import { addEngineFlags, type EngineFlags, metricOption, seedOption } from '../flags/common.ts'
import { asConfig, type Given, givenFlags } from '../flags/given.ts'
import { addReadFlags, addSideFlags, RATINGS_FILE, type ReadFlags, rangeOption, readRatings } from '../flags/reading.ts'
import { planOf, splitSpec, splitText } from '../flags/split.ts'
import { queryOf } from '../flags/sql.ts'
import { searched, setting, wholeNumber } from '../flags/values.ts'
import { misuse } from '../terminal/failure.ts'
import { abortable } from '../terminal/interrupt.ts'
import { duration, milliseconds } from '../terminal/numbers.ts'
import type { Progress } from '../terminal/progress.ts'
import { tuneText, valueText } from '../terminal/tune-table.ts'
import { provenanceOf } from './report.ts'
import { computes, type EngineJob } from './run.ts'

/** Flags of `tune`. */
interface TuneFlags extends ReadFlags, EngineFlags {
  readonly model: string
  readonly trials: number
  readonly split?: SplitText
  readonly space?: Readonly<Record<string, TuneRange>>
  readonly set?: Readonly<Record<string, unknown>>
  readonly epochs?: number
  readonly metric?: string
  readonly log?: string
  readonly shared?: boolean
  readonly engines?: number
  readonly out?: string
  readonly report?: string
  readonly seed: number
}

/** `tune`: searches for better options. `models` ends its help. */
export function addTune(program: Command, models: () => string): void {
  const command = program
    .command('tune')
    .summary('search for better options of a model')
    .description(
      'Train a model with many options and keep those that are best on a validation part. All trials train a few ' +
        'epochs, the best third of them three times as many, and so on. Trial 0 has the default options and is always ' +
        'trained to the end.\n\n' +
        'Without --split, a tenth of the rows is for validation; for models that predict the next item, the last row of ' +
        'each user. With --split the test rows are left alone: train --config with the same --split measures on them.\n\n' +
        '--log keeps every result in a file. The same command goes on from it after it was stopped, and comes to the ' +
        'same best trial. Ctrl-C keeps the best trial so far; a second Ctrl-C ends the program.',
    )
    .argument('[data]', RATINGS_FILE)
    .option('--model <kind>', 'kind of model, from the list below')
    .addOption(new Option('--trials <n>', 'number of trials').argParser(wholeNumber(1)).default(30))
    .option('--log <file>', 'file of results, from which the search goes on')
    .option('--shared', 'other processes run the same command on the same --log now: take different trials')
    .addOption(
      new Option(
        '--engines <n>',
        'trials that train at the same time, with their share of the threads (default: one for each thread, as far as memory has room)',
      ).argParser(wholeNumber(1)),
    )
    .option('--out <file>', 'write the best options as a file for train --config')
    .option('--report <file>', 'write an HTML page with pictures of the search')
    .addOption(
      new Option(
        '--space <key=values>',
        'an option to vary, in place of the usual ones: penalty=log:0.01..1, margin=linear:0..2, factors=32,64,128; can be repeated',
      ).argParser(searched),
    )
    .addOption(new Option('--set <key=value>', 'set an option that is not varied; can be repeated').argParser(setting))
    .addOption(
      new Option('--split <spec>', 'hold out rows by a rule, as for train: leave-one-out, random:0.1') //
        .argParser(splitText),
    )
    .addOption(
      new Option('--epochs <n>', 'largest number of epochs of a trial (default: that of the kind)') //
        .argParser(wholeNumber(1)),
    )
    .addOption(metricOption())
    .addOption(rangeOption())
    .addOption(seedOption())
  addEngineFlags(addSideFlags(addReadFlags(command))).addHelpText('after', models)
  computes<TuneFlags>(command, ['model'], (job, file) => run(job, ofTraining(program, command), file))
}

/** Flags of both commands that tell nothing of the data, or that the result sets. */
const OWN = [
  '--model',
  '--split',
  '--seed',
  '--set',
  '--epochs',
  '--out',
  '--report',
  '--config',
  '--threads',
  '--json',
  '--quiet',
  '--debug',
]

/** The flags of the command line that training with the best options takes too: how the data is read, and the metric. */
function ofTraining(program: Command, command: Command): Given[] {
  const train = program.commands.find((other) => other.name() === 'train')
  const shared = (long: string | undefined) => train?.options.some((option) => option.long === long)
  return givenFlags(command, process.argv.slice(2)).filter(
    ({ option: { long } }) => long !== undefined && shared(long) && !OWN.includes(long),
  )
}

async function run(job: EngineJob<TuneFlags>, reading: readonly Given[], file?: string): Promise<void> {
  const { engine, flags, console } = job
  queryOf(flags, file)
  // Refuses unknown kinds and invalid options before the data is read.
  const model = await createModelByName(flags.model, flags.set ?? {}, { engine })
  model.dispose()
  if (flags.shared && flags.log === undefined) throw misuse('--shared needs --log, the file that the processes share')
  const split = flags.split && (await splitSpec(engine, flags.split))
  if (split?.folds !== undefined) throw misuse('tune validates on one part: choose a fold, as in "kfold:5;fold=0"')
  for (const file of [flags.out, flags.log, flags.report]) if (file !== undefined) await checkWritable(file)
  const { data } = await readRatings(job, file)
  const plan = split && planOf(split, undefined, true, flags.seed)
  const parts = plan && (await data.split(plan.options))
  const kept = flags.log && `the same command goes on from ${flags.log}`
  const search = async (signal: AbortSignal) => {
    const report = await watched(job, parts ?? data, signal)
    if (report.aborted) console.warn('interrupted: kept the best trial so far')
    const config = {
      ...asConfig(reading),
      model: flags.model,
      ...(flags.split !== undefined && { split: flags.split }),
      seed: flags.seed,
      set: report.options,
    }
    if (flags.out !== undefined) {
      await writeFile(flags.out, `${JSON.stringify(config, null, 2)}\n`)
      console.note(`Best options written to ${flags.out}`)
    }
    if (flags.report !== undefined) await writeReport(job, flags.report, report, data, file)
    const document = {
      ...report,
      validation: plan?.validation ?? 'held out by tune',
      seconds: milliseconds(report.seconds),
      ...(flags.out !== undefined && { out: flags.out }),
      ...(flags.report !== undefined && { report: flags.report }),
    }
    await console.result(document, () =>
      tuneText(report, { threads: engine.threads, data: file, ...flags, reading }, console.resultStyle),
    )
  }
  await abortable(search, { kept })
}

/** Writes the page of the search. */
async function writeReport(
  { engine, flags, console }: EngineJob<TuneFlags>,
  path: string,
  report: TuneReport,
  data: Dataset,
  file: string | undefined,
): Promise<void> {
  const { tuningPage } = await import('../../report/write/report.ts')
  const { version } = await describe(engine)
  const page = await tuningPage(report, {
    data: file ?? 'the query',
    split: flags.split,
    seed: flags.seed,
    engine: { build: engine.build, threads: engine.threads },
    version,
    provenance: { ...(await provenanceOf(flags, file)), info: await data.info(), distributions: undefined },
  })
  await writeFile(path, page)
  console.note(`Report written to ${path}`)
}

/** Searches, and shows the progress. */
async function watched(
  { flags, console }: EngineJob<TuneFlags>,
  data: Dataset | Parts,
  signal: AbortSignal,
): Promise<TuneReport> {
  const { model: kind, set, space, trials, epochs, metric, seed, log, shared, engines } = flags
  if (!isKind(kind)) throw new Error(`${kind} was checked before`)
  const started = performance.now()
  let current: { job: TrialJob; report: EpochReport } | undefined
  let [done, of, best] = [0, 1, '']
  const progress = (): Progress => {
    const { job, report } = current ?? {}
    const fraction = done / of
    const elapsed = (performance.now() - started) / 1000
    return {
      fraction: fraction > 0 ? Math.min(fraction, 1) : undefined,
      facts: [
        ...(best === '' ? [] : [`best ${best}`]),
        ...(job && report ? [`trial ${job.trial}, epoch ${report.epoch}/${job.epochs}`] : []),
        ...(fraction > 0 ? [`≤ ${duration(elapsed / fraction - elapsed)} left`] : []),
      ],
    }
  }
  const stop = console.progress(`Tuning ${kind}`, progress)
  try {
    return await tune(data, {
      kind,
      options: set,
      space,
      trials,
      epochs,
      metric,
      seed,
      log,
      shared,
      engines,
      signal,
      onEpoch: (job, report) => {
        current = { job, report }
      },
      onTrial: (_job: TrialJob, _outcome: TrialOutcome, study) => {
        const [first] = study.trials
        ;({ done, of } = study.progress)
        if (first?.value !== undefined) best = `${valueText(study.plan.metric, first.value)} (trial ${first.trial})`
      },
    })
  } finally {
    stop()
  }
}
