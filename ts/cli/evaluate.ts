import type { Command } from 'commander'
import { loadModel } from '../index.ts'
import { addEngineFlags } from './flags.ts'
import { computes, type EngineJob } from './job.ts'
import { figuresOf, metricsTable, tested } from './metrics.ts'
import { addReadFlags, type ReadFlags, readRatings } from './reading.ts'

interface EvaluateFlags extends ReadFlags {
  readonly test: string
}

/** `evaluate`: how well a saved model predicts the ratings in a file. */
export function addEvaluate(program: Command): void {
  const command = program
    .command('evaluate')
    .summary('measure a saved model on a file of ratings')
    .description('Measure how well a saved model predicts the ratings in a file.')
    .argument('<model>', 'file of a model that train wrote')
    .option('--test <file>', 'file of ratings to predict; - is standard input')
  addEngineFlags(addReadFlags(command))
  computes<EvaluateFlags>(command, ['test'], evaluate)
}

async function evaluate(job: EngineJob<EvaluateFlags>, file = ''): Promise<void> {
  const { engine, flags, console } = job
  const model = await loadModel(file, { engine })
  const { data } = await readRatings(job, flags.test)
  const metrics = await model.evaluate(data)
  const { rows, cold } = metrics
  const figures = figuresOf(metrics)
  const { build, threads } = engine
  console.result({ model: model.kind, metrics: figures, rows, cold, engine: { build, threads } }, () =>
    metricsTable([{ name: model.kind, figures, note: tested(metrics) }], console.resultStyle),
  )
}
