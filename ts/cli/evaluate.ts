import { type Command, Option } from 'commander'
import { loadModel } from '../index.ts'
import { addEngineFlags, negativesOption } from './flags.ts'
import { computes, type EngineJob } from './job.ts'
import { figuresOf, metricsTable, tested } from './metrics.ts'
import { addReadFlags, type ReadFlags, readRatings } from './reading.ts'
import { wholeNumbers } from './values.ts'

interface EvaluateFlags extends ReadFlags {
  readonly test: string
  readonly k?: readonly number[]
  readonly negatives?: number
}

/** `evaluate`: how well a saved model predicts the ratings in a file. */
export function addEvaluate(program: Command): void {
  const command = program
    .command('evaluate')
    .summary('measure a saved model on a file of ratings')
    .description('Measure how well a saved model predicts the ratings in a file.')
    .argument('<model>', 'file of a model that train wrote')
    .option('--test <file>', 'file of ratings to predict; - is standard input')
    .addOption(
      new Option('--k <list>', 'lengths of the lists that ranking metrics look at (default: 10,50,100)') //
        .argParser(wholeNumbers(1)),
    )
    .addOption(negativesOption())
  addEngineFlags(addReadFlags(command))
  computes<EvaluateFlags>(command, ['test'], evaluate)
}

async function evaluate(job: EngineJob<EvaluateFlags>, file = ''): Promise<void> {
  const { engine, flags, console } = job
  const model = await loadModel(file, { engine })
  const { data } = await readRatings(job, flags.test)
  const { k, negatives } = flags
  const metrics = await model.evaluate(data, { ...(k && { k }), ...(negatives !== undefined && { negatives }) })
  const { rows, cold } = metrics
  const figures = figuresOf(metrics)
  const { build, threads } = engine
  console.result({ model: model.kind, metrics: figures, rows, cold, engine: { build, threads } }, () =>
    metricsTable([{ name: model.kind, figures, note: tested(metrics) }], console.resultStyle),
  )
}
