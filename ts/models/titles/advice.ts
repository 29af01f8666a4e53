import type { EngineObject } from '../../engine/handle.ts'
import { TastespaceError } from '../../errors.ts'
import { itemNames } from '../names.ts'
import { foundItems } from './find.ts'

/** The answer. The error of an unknown item that is a title suggests the item of that title. */
export async function advised<T>(model: EngineObject, answer: Promise<T>): Promise<T> {
  try {
    return await answer
  } catch (error) {
    if (!(error instanceof TastespaceError) || error.code !== 'model/unknown-item') throw error
    const { code, message, details } = error
    const [found] = foundItems(await itemNames(model), String(details.id), { k: 1 })
    if (found?.title === undefined) throw error
    const advice = `${message}. Did you mean item ${found.item}, ${found.title}? find() gives the ids of titles`
    throw new TastespaceError(code, advice, { ...details, found: found.item })
  }
}
