import type { Command } from 'commander'
import { confidenceIntervals, loadModel } from '../../index.ts'
import { addEngineFlags, addMeasureFlags, type MeasureFlags, measuring } from '../flags/common.ts'
import { addReadFlags, type ReadFlags, readRatings } from '../flags/reading.ts'
import { queryOf, withoutQuery } from '../flags/sql.ts'
import { misuse } from '../terminal/failure.ts'
import { figuresOf, intervalsTable, metricsTable, tested } from '../terminal/metrics.ts'
import { checkMeasured, idForms, idsOf, taskOf, warnOfTest } from './measured.ts'
import { computes, type EngineJob } from './run.ts'

interface EvaluateFlags extends ReadFlags, MeasureFlags {
  readonly test?: string
  readonly given?: string
  readonly exclude?: string
  readonly intervals?: true
}

/** `evaluate`: a saved model on the ratings in a file. */
export function addEvaluate(program: Command): void {
  const command = program
    .command('evaluate')
    .summary('evaluate a saved model on a file of ratings')
    .description('Evaluate a saved model on the ratings in a file.')
    .argument('<model>', 'file of a model that train wrote')
    .option('--test <file>', 'file of test ratings; - for standard input')
    .option('--given <file>', 'ratings given as the history of users that the model does not know')
    .option('--exclude <file>', 'ratings whose items are not ranked for their users, in addition to training items')
    .option('--intervals', 'add a 95 % bootstrap interval over users to each metric')
  addEngineFlags(addReadFlags(addMeasureFlags(command)))
  computes<EvaluateFlags>(command, [], evaluate)
}

async function evaluate(job: EngineJob<EvaluateFlags>, file = ''): Promise<void> {
  const { engine, flags, console } = job
  if (flags.test === undefined && flags.sql === undefined) {
    throw misuse("'evaluate' needs --test <file> or --sql <query>\nSee tastespace evaluate --help")
  }
  queryOf(flags, flags.test)
  const model = await loadModel(file, { engine })
  const { data } = await readRatings(job, flags.test)
  const beside = async (file: string | undefined) =>
    file === undefined ? undefined : (await readRatings(withoutQuery(job), file)).data
  const [given, exclude] = [await beside(flags.given), await beside(flags.exclude)]
  const options = { ...measuring(flags), given, exclude }
  // Metrics of each user are only computed where intervals need them.
  const perUser = flags.intervals && (await model.evaluate(data, { ...options, perUser: true }))
  const metrics = perUser || (await model.evaluate(data, options))
  const intervals = perUser && (await confidenceIntervals(perUser, { engine }))
  const info = await model.info()
  const forms = metrics.cold > 0 ? idForms(await idsOf(model), await idsOf(data)) : []
  warnOfTest(console, metrics, taskOf(metrics, info.task), forms)
  checkMeasured(metrics)
  const { rows, cold, repeated } = metrics
  const figures = figuresOf(metrics)
  const { build, threads } = engine
  const document = { model: model.kind, metrics: figures, ...(intervals && { intervals }), rows, cold, repeated }
  await console.result({ ...document, engine: { build, threads } }, () => {
    const { resultStyle } = console
    if (intervals) return `${intervalsTable(figures, intervals, resultStyle)}\n${resultStyle.dim(tested(metrics))}`
    return metricsTable([{ name: model.kind, figures, note: tested(metrics) }], resultStyle)
  })
}
