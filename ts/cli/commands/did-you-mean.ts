import { type Model, TastespaceError } from '../../index.ts'

/** Largest number of ids that are searched for similar ones; more take too long. */
const MOST = 200_000
/** Largest number of ids that a message suggests. */
const SUGGESTED = 3

/** The result of `ask`. An error about an unknown id suggests ids that are spelled similarly. */
export async function withSuggestions<T>(model: Model, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask()
  } catch (error) {
    if (!(error instanceof TastespaceError) || !/^model\/unknown-(user|item)$/.test(error.code)) throw error
    const { id } = error.details
    const ids = await (error.code === 'model/unknown-user' ? model.userIds() : model.itemIds())
    const near = typeof id === 'string' && ids.length < MOST ? nearest(id, ids) : []
    if (near.length === 0) throw error
    const message = `${error.message}\nDid you mean ${near.map((id) => `'${id}'`).join(' or ')}?`
    throw new TastespaceError(error.code, message, { ...error.details, near })
  }
}

/** Ids that differ from `wanted` by few letters. None for numbers, whose digits mean nothing. */
function nearest(wanted: string, ids: readonly string[]): string[] {
  if (/^\d+$/.test(wanted)) return []
  const small = wanted.toLowerCase()
  const most = Math.floor(small.length / 3)
  return ids
    .flatMap((id) => {
      if (Math.abs(id.length - small.length) > most) return []
      const distance = editDistance(small, id.toLowerCase())
      return distance <= most ? [{ id, distance }] : []
    })
    .sort((a, b) => a.distance - b.distance)
    .slice(0, SUGGESTED)
    .map(({ id }) => id)
}

/** Letters to insert, delete or change to get from one text to the other (Levenshtein). */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, place) => place)
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1]
    for (let j = 0; j < b.length; j++) {
      const changed = (row[j] ?? 0) + (letter === b[j] ? 0 : 1)
      next.push(Math.min(changed, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}
