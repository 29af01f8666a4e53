// The visitor's own list. It stays in this browser.
import { effect } from '@preact/signals'
import type { History, HistoryRow } from 'tastespace'
import { type Data, titled } from '../data/data.ts'
import { counted } from '../numbers.ts'
import { state } from '../state.ts'
import type { Liked } from './liked.ts'

const place = (data: Data) => `tastespace studio: ${data.name}`

/** Keeps the list of each data set, for the next visit. */
export function rememberList(): void {
  let shown: string | undefined
  effect(() => {
    const data = state.data.value
    const liked = state.liked.value
    if (!data) return
    if (data.name !== shown) {
      shown = data.name
      state.liked.value = stored(data)
      return
    }
    try {
      localStorage.setItem(place(data), JSON.stringify(liked))
    } catch {
      // A browser that keeps nothing has the list until the page closes.
    }
  })
}

function stored(data: Data): readonly Liked[] {
  try {
    return listFrom(localStorage.getItem(place(data)) ?? '[]', data)
  } catch {
    return []
  }
}

/** Reads a saved list; items that the data does not have are left out, and ratings outside its range. */
export function listFrom(text: string, data: Data): Liked[] {
  const rows: unknown = JSON.parse(text)
  const [low, high] = data.info.ratings?.range ?? [0, 0]
  if (!Array.isArray(rows)) throw new Error('a saved list is a JSON array of { item, rating }')
  const titles = new Map(data.items.map((item, index) => [item, data.titles[index] ?? item]))
  return rows.flatMap((row: Partial<Liked>) => {
    const item = String(row?.item)
    const title = titles.get(item)
    if (title === undefined) return []
    // A rating of another file's scale is left out.
    const rated = typeof row.rating === 'number' && row.rating >= low && row.rating <= high
    return [{ item, title, ...(rated && { rating: row.rating }) }]
  })
}

/** Whether the text is a list that this page saved, and not an export in JSON. */
export function isList(text: string): boolean {
  try {
    const rows: unknown = JSON.parse(text)
    return Array.isArray(rows) && rows.length > 0 && rows.every((row) => typeof row?.item === 'string')
  } catch {
    return false
  }
}

export function like({ item, title, rating }: Liked): void {
  const liked = { item, title, ...(rating !== undefined && { rating }) }
  const list = state.liked.value
  // Another rating leaves the item where it is.
  const known = list.some((each) => each.item === item)
  state.liked.value = known ? list.map((each) => (each.item === item ? liked : each)) : [...list, liked]
}

export function unlike(item: string): void {
  state.liked.value = state.liked.value.filter((each) => each.item !== item)
}

/** Takes what an export has of the items, and says what it has not. */
export async function addHistory(history: History): Promise<void> {
  const data = state.data.value
  if (!data) return
  const { matched, ambiguous, unmatched } = await data.everything.matchHistory(history)
  for (const { item, title, rating } of matched) {
    like({ item, title: title || item, ...(rating !== undefined && data.info.ratings && { rating }) })
  }
  const hasTitles = titled(data) > 0
  const left = [
    !hasTitles && unmatched.length > 0 && `${data.name} has no titles to find others by`,
    ambiguous.length > 0 &&
      `${counted(ambiguous.length, 'title')} ${ambiguous.length === 1 ? 'matches' : 'match'} several items`,
    hasTitles &&
      unmatched.length > 0 &&
      `${counted(unmatched.length, 'title')} ${unmatched.length === 1 ? 'is' : 'are'} not in ${data.name}: ${named(unmatched)}`,
  ].filter(Boolean)
  // A table or a list is of no service.
  const from = /^(table|list)$/.test(history.service) ? 'your file' : history.service
  told.add(`${counted(matched.length, 'item')} of ${from}${left.length > 0 ? `; ${left.join(', ')}` : ''}`)
}

/** The first of the titles that are not in the data. */
function named(rows: readonly HistoryRow[]): string {
  const MOST = 3
  const names = rows.slice(0, MOST).map(({ title, id }) => title ?? id)
  return `${names.join(', ')}${rows.length > MOST ? ' …' : ''}`
}

/** What was read last, for the page to say. */
export const told = {
  text: '',
  add(text: string) {
    this.text = text
  },
}
