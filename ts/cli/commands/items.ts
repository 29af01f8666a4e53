import { type Model, TastespaceError } from '../../index.ts'
import type { Console } from '../terminal/console.ts'
import { counted } from '../terminal/numbers.ts'

/** Whether unknown ids are an error or skipped. */
export const UNKNOWN = ['error', 'skip'] as const
export type Unknown = (typeof UNKNOWN)[number]

/** Items that a message suggests. */
const SUGGESTED = 5
/** Names of skipped ids that a message lists. */
const LISTED = 5

/** Items by their ids, and the texts that are none. */
export interface Resolved {
  /** The id of each text; undefined where it is skipped. */
  readonly items: readonly (string | undefined)[]
  readonly skipped: readonly string[]
}

/**
 * The items that texts stand for: ids or titles. An id comes before a title. A text that stands for none, or for several, is an
 * error that suggests items; or it is skipped.
 */
export async function resolveItems(model: Model, texts: readonly string[], unknown: Unknown): Promise<Resolved> {
  if (texts.length === 0) return { items: [], skipped: [] }
  const known = new Set(await model.itemIds())
  const others = [...new Set(texts)].filter((text) => !known.has(text))
  if (others.length === 0) return { items: texts, skipped: [] }
  const byTitle = new Map<string, string>()
  const skipped: string[] = []
  // One at a time: a history keeps the last of several texts for one item.
  for (const text of others) {
    const history = { service: 'list', scale: null, rows: [{ line: 1, id: text }] } as const
    const { matched, ambiguous } = await model.matchHistory(history)
    if (matched[0]) byTitle.set(text, matched[0].item)
    else if (unknown === 'error') throw await unknownItem(model, text, ambiguous[0]?.candidates)
    else skipped.push(text)
  }
  return { items: texts.map((text) => (known.has(text) ? text : byTitle.get(text))), skipped }
}

/** The item that a text stands for. */
export async function resolveItem(model: Model, text: string): Promise<string> {
  const { items } = await resolveItems(model, [text], 'error')
  return items[0] ?? text
}

/** Which of `users` the model does not know. */
export async function unknownUsers(model: Model, users: readonly string[]): Promise<string[]> {
  const known = new Set(await model.userIds())
  return users.filter((user) => !known.has(user))
}

async function unknownItem(
  model: Model,
  text: string,
  candidates: readonly { readonly item: string; readonly title?: string }[] = [],
): Promise<TastespaceError> {
  const named = ({ item, title }: { item: string; title?: string }) =>
    title === undefined ? `item ${item}` : `item ${item}, ${title}`
  if (candidates.length > 0) {
    const message =
      `'${text}' may stand for ${counted(candidates.length, 'item')}\n` +
      `Give the id: ${candidates.map(named).join('; ')}`
    return new TastespaceError('model/ambiguous-item', message, { id: text, candidates })
  }
  const ids = await model.itemIds()
  const known = ids.length
  const near = await model.find(text, { k: SUGGESTED, near: true })
  const message = `unknown item '${text}': it is no id and no title of the ${counted(known, 'item')} of the model, such as '${ids[0]}'`
  const hint = near.length > 0 ? `\nDid you mean ${near.map(named).join(', or ')}?` : ''
  return new TastespaceError('model/unknown-item', message + hint, {
    id: text,
    known,
    near: near.map(({ item }) => item),
  })
}

/** Prints what was skipped. */
export function noteSkipped(console: Console, side: 'user' | 'item', skipped: readonly string[]): void {
  if (skipped.length === 0) return
  const more = skipped.length > LISTED ? ` and ${skipped.length - LISTED} more` : ''
  console.note(`Skipped ${counted(skipped.length, `unknown ${side}`)}: ${skipped.slice(0, LISTED).join(', ')}${more}`)
}
