import type { Command } from 'commander'
import { loadModel } from '../index.ts'
import { addEngineFlags, type EngineFlags, kOption } from './flags.ts'
import { computes, type EngineJob } from './job.ts'
import { listOf, shortened } from './recommend.ts'
import { titled, titlesIn } from './titles.ts'

interface SimilarFlags extends EngineFlags {
  readonly item: string
  readonly k: number
  readonly items?: string
}

/** `similar`: the items nearest to an item. */
export function addSimilar(program: Command): void {
  const command = program
    .command('similar')
    .summary('list the items nearest to an item')
    .description('List the items that a saved model holds for the most similar to an item, nearest first.')
    .argument('<model>', 'file of a model that train wrote')
    .option('--item <id>', 'an item as the ratings name it')
    .addOption(kOption())
    .option('--items <file>', "file with the items' titles (default: those in the model)")
  addEngineFlags(command)
  computes<SimilarFlags>(command, ['item'], similar)
}

async function similar({ engine, flags, console }: EngineJob<SimilarFlags>, file = ''): Promise<void> {
  const { item, k, items } = flags
  const model = await loadModel(file, { engine })
  const titles = items === undefined ? undefined : await titlesIn(items, model, engine)
  const list = titled(await model.similarItems(item, { k }), titles)
  console.result({ model: model.kind, item, similar: list.map(shortened) }, () => listOf(list, console.resultStyle))
}
