import { badArgument, checkKeys, keysOf } from '../../arguments.ts'
import { type Id, idTexts } from '../../data/ids.ts'
import { TastespaceError } from '../../errors.ts'
import type { ItemNames } from '../names.ts'
import { isSearchable, titleIndex } from './title-index.ts'

/** How items are found. */
export interface FindOptions {
  /** Maximum number of items. Default 10, at least 1. */
  readonly k?: number | undefined
  /** Whether items whose titles differ by a few letters are found too, where there is no other. Default false. */
  readonly near?: boolean | undefined
}

/** An item that was found by its id or title. */
export interface FoundItem {
  readonly item: string
  readonly title?: string
  /** Whether the text is its id, or a title that no other item has. */
  readonly exact: boolean
}

const KEYS = keysOf<FindOptions>({ k: true, near: true })

/** Items whose id or title matches a text, best first. */
export function foundItems(names: ItemNames, text: string, options: FindOptions): FoundItem[] {
  if (typeof text !== 'string') throw badArgument('find', 'text', text, 'a text, part of a title or an id')
  const { k = 10, near = false } = checkKeys('find', options, KEYS)
  if (!Number.isInteger(k) || k < 1) throw badArgument('find', 'k', k, 'an integer from 1')
  if (typeof near !== 'boolean') throw badArgument('find', 'near', near, 'true or false')
  if (!isSearchable(text)) return []
  const index = titleIndex(names)
  const found = index.find(text, k)
  if (found.length > 0 || !near) return found.map(({ item, exact }) => ({ ...names.item(item), exact }))
  return index.near(text, k).map((item) => ({ ...names.item(item), exact: false }))
}

/** The title of an item. */
export function titleOf(names: ItemNames, item: Id): string | undefined {
  const [id = ''] = idTexts('title', 'item', [item])
  const index = names.indexOf(id)
  if (index !== undefined) return names.item(index).title
  const message = `unknown item '${id.slice(0, 80)}': the model knows ${names.ids.length} items`
  throw new TastespaceError('model/unknown-item', message, { id, known: names.ids.length })
}
