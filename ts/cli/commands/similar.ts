import type { Command } from 'commander'
import { type AnyModel, loadModel, type ScoredUser } from '../../index.ts'
import { addEngineFlags, type EngineFlags, kOption } from '../flags/common.ts'
import { misuse, unsupported } from '../terminal/failure.ts'
import { short } from '../terminal/numbers.ts'
import { withSuggestions } from './did-you-mean.ts'
import { resolveItem } from './items.ts'
import { listOf, shortened } from './recommend.ts'
import { computes, type EngineJob } from './run.ts'
import { titled, titlesOf } from './titles.ts'

interface SimilarFlags extends EngineFlags {
  readonly item?: string
  readonly user?: string
  readonly k: number
  readonly items?: string
}

/** `similar`: the items nearest to an item, or the users nearest to a user. */
export function addSimilar(program: Command): void {
  const command = program
    .command('similar')
    .summary('list the items nearest to an item, or the users nearest to a user')
    .description('List the items or the users most similar to one, nearest first.')
    .argument('<model>', 'file of a model that train wrote')
    .option('--item <id>', 'id or title of an item')
    .option('--user <id>', 'id of a user')
    .addOption(kOption())
    .option('--items <file>', 'file with titles of the items (default: those in the model)')
  addEngineFlags(command)
  computes<SimilarFlags>(command, [], similar)
}

async function similar(job: EngineJob<SimilarFlags>, file = ''): Promise<void> {
  const { item, user } = job.flags
  if ((item === undefined) === (user === undefined)) throw misuse("'similar' needs either --item ID or --user ID")
  const model = await loadModel(file, { engine: job.engine })
  if (item !== undefined) await similarItems(job, model, item)
  else if (user !== undefined) await similarUsers(job, model, user)
}

async function similarItems({ engine, flags, console }: EngineJob<SimilarFlags>, model: AnyModel, item: string) {
  if (!('similarItems' in model)) throw unsupported(model, 'similar items')
  const { k, items } = flags
  const asked = await resolveItem(model, item)
  const found = await model.similarItems(asked, { k })
  const list = titled(found, await titlesOf(model, engine, items))
  await console.result({ model: model.kind, item: asked, similar: list.map(shortened) }, () =>
    listOf(list, console.resultStyle),
  )
}

async function similarUsers({ flags, console }: EngineJob<SimilarFlags>, model: AnyModel, user: string) {
  if (!('similarUsers' in model)) throw unsupported(model, 'similar users')
  const list = await withSuggestions(model, () => model.similarUsers(user, { k: flags.k }))
  const similar = list.map(({ user, score }): ScoredUser => ({ user, score: short(score) }))
  await console.result({ model: model.kind, user, similar }, () =>
    listOf(
      list.map(({ user, score }) => ({ item: user, score })),
      console.resultStyle,
    ),
  )
}
