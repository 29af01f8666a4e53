import type { Command } from 'commander'
import { confidenceIntervals, loadModel } from '../index.ts'
import { addEngineFlags, addMeasureFlags, type MeasureFlags, measuring } from './flags.ts'
import { computes, type EngineJob } from './job.ts'
import { figuresOf, intervalsTable, metricsTable, tested } from './metrics.ts'
import { addReadFlags, type ReadFlags, readRatings } from './reading.ts'

interface EvaluateFlags extends ReadFlags, MeasureFlags {
  readonly test: string
  readonly given?: string
  readonly exclude?: string
  readonly intervals?: true
}

/** `evaluate`: how well a saved model predicts the ratings in a file. */
export function addEvaluate(program: Command): void {
  const command = program
    .command('evaluate')
    .summary('measure a saved model on a file of ratings')
    .description('Measure how well a saved model predicts the ratings in a file.')
    .argument('<model>', 'file of a model that train wrote')
    .option('--test <file>', 'file of ratings to predict; - is standard input')
    .option('--given <file>', 'ratings that place people whom the model does not know')
    .option('--exclude <file>', 'ratings whose items are not ranked for their users, beside those of training')
    .option('--intervals', 'tell how sure each figure is: a bootstrap interval of 95 % over users')
  addEngineFlags(addReadFlags(addMeasureFlags(command)))
  computes<EvaluateFlags>(command, ['test'], evaluate)
}

async function evaluate(job: EngineJob<EvaluateFlags>, file = ''): Promise<void> {
  const { engine, flags, console } = job
  const model = await loadModel(file, { engine })
  const read = async (file: string | undefined) => file !== undefined && (await readRatings(job, file)).data
  const [data, given, exclude] = [await read(flags.test), await read(flags.given), await read(flags.exclude)]
  if (!data) throw new Error('there are test rows')
  const measured = await model.evaluate(data, {
    ...measuring(flags),
    ...(given && { given }),
    ...(exclude && { exclude }),
    perUser: true,
  })
  const { metrics } = measured
  const { rows, cold } = metrics
  const figures = figuresOf(metrics)
  const intervals = flags.intervals && (await confidenceIntervals(measured, { engine }))
  const { build, threads } = engine
  const document = { model: model.kind, metrics: figures, ...(intervals && { intervals }), rows, cold }
  console.result({ ...document, engine: { build, threads } }, () => {
    const { resultStyle } = console
    if (intervals) return `${intervalsTable(figures, intervals, resultStyle)}\n${resultStyle.dim(tested(metrics))}`
    return metricsTable([{ name: model.kind, figures, note: tested(metrics) }], resultStyle)
  })
}
