import {
  type AmbiguousRow,
  type Engine,
  type HistoryRow,
  type MatchedItem,
  type Model,
  readHistory,
  TastespaceError,
} from '../../index.ts'
import type { HistoryFlag } from '../flags/values.ts'
import type { Console } from '../terminal/console.ts'
import { counted } from '../terminal/numbers.ts'
import { resolveItems, type Unknown } from './items.ts'

/** Rows that a message lists. */
const LISTED = 5

/** What became of the rows of an export. */
export interface Matching {
  readonly file: string
  readonly service: string
  readonly rows: number
  readonly matched: number
  readonly ambiguous: readonly AmbiguousRow[]
  readonly unmatched: readonly HistoryRow[]
}

/** The history of a new user in the items of a model. */
export interface OwnHistory {
  readonly items: readonly { readonly item: string; readonly rating?: number }[]
  readonly matching: readonly Matching[]
  readonly skipped: readonly string[]
}

/** The items of a history: those on the command line, and those of exports. */
export async function historyOf(
  model: Model,
  { items, files }: HistoryFlag,
  { engine, unknown, console }: { engine: Engine; unknown: Unknown; console: Console },
): Promise<OwnHistory> {
  const resolved = await resolveItems(
    model,
    items.map(({ item }) => item),
    unknown,
  )
  const given = items.flatMap(({ rating }, place) => {
    const item = resolved.items[place]
    return item === undefined ? [] : [{ item, ...(rating !== undefined && { rating }) }]
  })
  const all = [...given]
  const matching: Matching[] = []
  for (const file of files) {
    const history = await readHistory(file, { engine })
    const { matched, ambiguous, unmatched } = await model.matchHistory(history)
    const found = {
      file,
      service: history.service,
      rows: history.rows.length,
      matched: matched.length,
      ambiguous,
      unmatched,
    }
    matching.push(found)
    if (matched.length === 0) throw await noMatch(model, found)
    note(console, found)
    all.push(...matched.map(itemOf))
  }
  return { items: all, matching, skipped: resolved.skipped }
}

function itemOf({ item, rating }: MatchedItem) {
  return { item, ...(rating !== undefined && { rating }) }
}

function note(console: Console, { file, service, rows, matched, ambiguous, unmatched }: Matching): void {
  const what = service === 'table' || service === 'list' ? 'a history' : `a history of ${service}`
  console.note(
    `Read ${file}: ${what}, ${counted(rows, 'row')}; ${counted(matched, 'item')} matched, ` +
      `${ambiguous.length} ambiguous, ${unmatched.length} not in the model`,
  )
  for (const { row, candidates } of ambiguous.slice(0, LISTED)) {
    const items = candidates.map(({ item, title }) => `${title ?? item} [${item}]`)
    console.note(`  ambiguous: ${nameOf(row)} may be ${items.join(' or ')}`)
  }
  if (ambiguous.length > LISTED) console.note(`  and ${ambiguous.length - LISTED} more ambiguous; --json lists all`)
  if (unmatched.length > 0) {
    const more = unmatched.length > LISTED ? ` and ${unmatched.length - LISTED} more` : ''
    console.note(`  not in the model: ${unmatched.slice(0, LISTED).map(nameOf).join(', ')}${more}`)
  }
}

async function noMatch(model: Model, { file, rows, ambiguous, unmatched }: Matching): Promise<TastespaceError> {
  const titles = (await model.itemTitles()).some((title) => title !== '')
  const first = unmatched[0] ?? ambiguous[0]?.row
  const advice = titles
    ? 'expected titles or ids of its items'
    : 'the model has no titles: train it with --items FILE to match titles'
  const message = `none of the ${counted(rows, 'row')} of ${file}${first ? `, such as ${nameOf(first)},` : ''} is an item of the model: ${advice}`
  return new TastespaceError('data/no-match', message, {
    file,
    rows,
    ambiguous: ambiguous.length,
    unmatched: unmatched.length,
  })
}

function nameOf({ title, id, year }: HistoryRow): string {
  return `'${title ?? id}${year === undefined ? '' : ` (${year})`}'`
}
