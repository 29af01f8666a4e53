import { badArgument } from '../arguments.ts'
import { type Model, type RankingVectors, type SeenItems, TastespaceError } from '../index.ts'
import type { Checked, ExportReport } from './options.ts'

/** What an export holds. */
export interface Content {
  readonly model: Model
  readonly userIds: readonly string[]
  readonly itemIds: readonly string[]
  /** Empty where there are no titles. */
  readonly titles: readonly string[]
  /** Undefined where lists are written. */
  readonly vectors: RankingVectors | undefined
  /** Undefined for lists, which leave them out already, and for models without their history. */
  readonly seen: SeenItems | undefined
}

/** The best items of one user. */
export interface List {
  readonly user: number
  /** Indices of items, best first. */
  readonly items: Uint32Array
  readonly scores: Float32Array
}

/** Reads from a model what an export holds. */
export async function contentOf(where: string, model: Model, options: Checked): Promise<Content> {
  // A model of the other module format is an instance of another class.
  if (typeof model !== 'object' || model === null || typeof model.rankingVectors !== 'function') {
    throw badArgument(where, 'model', model, 'a trained model')
  }
  const userIds = await model.userIds()
  if (userIds.length === 0) {
    const message = `this ${model.kind} model was saved without its users, so that there is nothing to rank items for: export one with users`
    throw new TastespaceError('model/no-users', message, { kind: model.kind })
  }
  const vectors = options.lists ? undefined : await unlessRefused('model/unsupported', model.rankingVectors())
  const withSeen = vectors !== undefined && options.seen
  return {
    model,
    userIds,
    itemIds: await model.itemIds(),
    titles: await model.itemTitles(),
    vectors,
    seen: withSeen ? await unlessRefused('model/no-history', model.seenItems()) : undefined,
  }
}

async function unlessRefused<T>(code: string, wanted: Promise<T>): Promise<T | undefined> {
  try {
    return await wanted
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === code) return undefined
    throw error
  }
}

/** The lists of all users. */
export async function* listsOf({ model, userIds }: Content, { k, onProgress }: Checked): AsyncGenerator<List> {
  for await (const { from, items, scores, ends } of model.recommendAll({ k })) {
    let start = 0
    for (const [place, end] of ends.entries()) {
      yield { user: from + place, items: items.subarray(start, end), scores: scores.subarray(start, end) }
      start = end
    }
    onProgress({ done: from + ends.length, total: userIds.length })
  }
}

/** The items that a user has interacted with, as indices. */
export function seenBy({ items, ends }: SeenItems, user: number): Uint32Array {
  return items.subarray(user === 0 ? 0 : ends[user - 1], ends[user])
}

/** What was written. */
export function reportOf({ userIds, itemIds, vectors, seen }: Content, files: readonly string[]): ExportReport {
  const by = vectors?.metric ?? 'lists'
  const sizes = { users: userIds.length, items: itemIds.length }
  return { files, by, dimension: vectors?.dimension ?? null, ...sizes, seen: by === 'lists' || seen !== undefined }
}

/** Refuses a text that a database cannot hold. */
export function checkText(text: string, what: string): string {
  if (!text.includes('\0')) return text
  const message = `${what} ${JSON.stringify(text)} has a zero byte, which databases do not accept in texts`
  throw new TastespaceError('export/zero-byte', message, { text })
}

/** A number of 32 bits in as few digits as bring it back. */
export function decimal(value: number): string {
  return String(Number(value.toPrecision(9)))
}
