import { type Command, Option } from 'commander'
import { checkWritable, loadModel, type Model, type RecommendOptions, type ScoredItem } from '../../index.ts'
import { addEngineFlags, type EngineFlags, kOption } from '../flags/common.ts'
import { gathered, type HistoryFlag, history, ids } from '../flags/values.ts'
import { misuse } from '../terminal/failure.ts'
import { decimalsOf, short } from '../terminal/numbers.ts'
import type { Style } from '../terminal/style.ts'
import { table } from '../terminal/table.ts'
import { withSuggestions } from './did-you-mean.ts'
import { historyOf } from './history.ts'
import { noteSkipped, resolveItems, UNKNOWN, type Unknown, unknownUsers } from './items.ts'
import { type Query, recommendToAll } from './recommend-all.ts'
import { computes, type EngineJob } from './run.ts'
import { titled, titlesOf } from './titles.ts'

const EXCLUDE = ['seen', 'none'] as const

interface RecommendFlags extends EngineFlags {
  readonly user?: readonly string[]
  readonly history?: HistoryFlag
  readonly all?: true
  readonly out?: string
  readonly k: number
  readonly items?: string
  readonly exclude: (typeof EXCLUDE)[number]
  readonly filter?: readonly string[]
  readonly candidates?: readonly string[]
  readonly unknown: Unknown
  readonly spreadsheetSafe?: true
}

/** `recommend`: the best items for users, on stdout, or for all users, in a file. */
export function addRecommend(program: Command): void {
  const command = program
    .command('recommend')
    .summary('list the best items for users')
    .description(
      'List the best items for users, or for a new user with a history, or write the lists of all users to a file.\n\n' +
        'The scores of a rating model are lower bounds of the predicted ratings: the fewer ratings an item has, the ' +
        'lower. explain has the predicted rating.',
    )
    .argument('<model>', 'file of a model that train wrote')
    .addOption(new Option('--user <id>', 'id of a user; can be repeated').argParser(gathered))
    .addOption(
      new Option(
        '--history <items>',
        'history of a new user: ids or titles a,b or with ratings a=5,"b, c"=3; or @FILE, an export of Letterboxd, ' +
          'Goodreads, IMDb, Netflix, Trakt, Spotify or Last.fm, or one item a line',
      ).argParser(history),
    )
    .option('--all', 'for all users; needs --out')
    .option('--out <file>', 'file for the lists of --all: CSV, or JSON lines if it ends in .jsonl')
    .option(
      '--spreadsheet-safe',
      'for a CSV file that is opened in a spreadsheet: put an apostrophe before ids and titles that begin like a formula ' +
        '(default: ids are written as they are)',
    )
    .addOption(kOption())
    .option('--items <file>', 'file with titles of the items (default: those in the model)')
    .addOption(new Option('--exclude <what>', 'items to leave out').choices(EXCLUDE).default('seen'))
    .addOption(
      new Option(
        '--filter <items>',
        'items that are never recommended, ids or titles: a,b,c or @FILE with one a line',
      ).argParser(ids),
    )
    .addOption(
      new Option(
        '--candidates <items>',
        'items to choose from, ids or titles: a,b,c or @FILE with one a line',
      ).argParser(ids),
    )
    .addOption(
      new Option('--unknown <what>', 'unknown users and items: an error, or skip them and go on')
        .choices(UNKNOWN)
        .default('error'),
    )
  addEngineFlags(command)
  computes<RecommendFlags>(command, [], recommend)
}

async function recommend(job: EngineJob<RecommendFlags>, file = ''): Promise<void> {
  const {
    user,
    history,
    all,
    out,
    k,
    exclude,
    filter = [],
    candidates,
    items,
    unknown,
    spreadsheetSafe = false,
  } = job.flags
  if ([user, history, all].filter((who) => who !== undefined).length !== 1) {
    throw misuse("'recommend' takes exactly one of --user ID, --history ITEMS and --all --out FILE")
  }
  if (out?.toLowerCase().endsWith('.json')) {
    throw misuse(`${out}: lists are written as CSV or JSON lines: end the name in .csv or .jsonl`)
  }
  if ((all === undefined) !== (out === undefined)) throw misuse('--all and --out go together: --all --out FILE')
  if (out !== undefined) await checkWritable(out)
  if (spreadsheetSafe && (out === undefined || /\.jsonl$/i.test(out))) {
    throw misuse('--spreadsheet-safe is for the CSV file of --all --out FILE.csv')
  }
  const model = await loadModel(file, { engine: job.engine })
  const titles = await titlesOf(model, job.engine, items)
  const seen = exclude === 'none' ? 'include' : 'exclude'
  const [left, chosen] = [
    await resolveItems(model, filter, unknown),
    candidates && (await resolveItems(model, candidates, unknown)),
  ]
  const options: RecommendOptions = {
    k,
    seen,
    exclude: known(left.items),
    candidates: chosen && known(chosen.items),
    unknown,
  }
  const skipped = [...new Set([...left.skipped, ...(chosen?.skipped ?? [])])]
  noteSkipped(job.console, 'item', skipped)
  const query = { options, titles, skipped, spreadsheetSafe }
  if (out !== undefined) await recommendToAll(job, model, out, query)
  else if (history) await recommendToNewcomer(job, model, history, query)
  else if (user) await recommendTo(job, model, user, query)
}

function known(items: readonly (string | undefined)[]): string[] {
  return items.filter((item) => item !== undefined)
}

async function recommendToNewcomer(
  { engine, flags, console }: EngineJob<RecommendFlags>,
  model: Model,
  asked: HistoryFlag,
  { options, titles, skipped }: Query,
): Promise<void> {
  const { unknown } = flags
  const { items: history, matching, skipped: left } = await historyOf(model, asked, { engine, unknown, console })
  noteSkipped(console, 'item', left)
  // Where every item was skipped there is nothing to go by.
  const lists = history.length === 0 ? [] : await withSuggestions(model, () => model.recommendFor(history, options))
  const list = titled(lists, titles)
  const document = {
    model: model.kind,
    history: titled(history, titles),
    items: list.map(shortened),
    ...(matching.length > 0 && { matching }),
    ...(unknown === 'skip' && { skipped: { users: [], items: [...skipped, ...left] } }),
  }
  await console.result(document, () => listOf(list, console.resultStyle))
}

async function recommendTo(
  { console, flags }: EngineJob<RecommendFlags>,
  model: Model,
  users: readonly string[],
  { options, titles, skipped }: Query,
): Promise<void> {
  const strangers = flags.unknown === 'skip' ? await unknownUsers(model, users) : []
  noteSkipped(console, 'user', strangers)
  const lists = (await withSuggestions(model, () => model.recommend(users, options))).map((list) =>
    titled(list, titles),
  )
  const document = users.map((user, place) => ({ user, items: (lists[place] ?? []).map(shortened) }))
  const left = flags.unknown === 'skip' && { skipped: { users: strangers, items: skipped } }
  await console.result({ model: model.kind, users: document, ...left }, () => {
    const color = console.resultStyle
    const texts = lists.map((list) => listOf(list, color))
    if (users.length === 1) return texts.join('')
    return texts.map((text, place) => `${color.bold(`user ${users[place]}`)}\n${text}`).join('\n\n')
  })
}

/** Ranked items as aligned columns: rank, score, title where there is one, and id. */
export function listOf(list: readonly ScoredItem[], color: Style): string {
  const decimals = decimalsOf(
    list.map(({ score }) => score),
    2,
  )
  const rows = list.map(({ item, score, title }, place) => [
    String(place + 1),
    color.bold(score.toFixed(decimals)),
    ...(title === undefined ? [item] : [title, color.dim(`[${item}]`)]),
  ])
  return rows.length === 0 ? 'nothing is left to list' : table(rows, ['right', 'right', 'left', 'left'])
}

/** A ranked item as programs get it. */
export function shortened({ item, score, title }: ScoredItem): ScoredItem {
  return { item, score: short(score), ...(title !== undefined && { title }) }
}
