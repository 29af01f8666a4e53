import { ask, type EngineObject } from '../engine/handle.ts'
import type { ModelInfo, RankingVectors } from './answers.ts'

/** Vectors that the engine makes at a time, so that it needs little memory for them. */
const AT_ONCE = 65_536

/** Vectors of all users and items that rank the items as the model does. */
export async function rankingVectors(model: EngineObject, info: ModelInfo): Promise<RankingVectors> {
  // Also tells whether the kind has such vectors.
  const { metric, dimension } = await ask(model, 'rankingVectors', 'items', 0, 0)
  const [users, items] = info.fitted ? [info.users, info.items] : [0, 0]
  const ofItems = await all(model, 'items', items, dimension)
  const ofUsers = await all(model, 'users', users, dimension)
  const clip = info.fitted && info.task === 'rating' ? info.range : null
  const bases = metric === 'distance' ? new Float32Array() : ofUsers.bases
  return { metric, dimension, users: ofUsers.values, items: ofItems.values, bases, clip }
}

async function all(model: EngineObject, of: 'users' | 'items', count: number, dimension: number) {
  const values = new Float32Array(count * dimension)
  const bases = new Float32Array(of === 'users' ? count : 0)
  for (let from = 0; from < count; from += AT_ONCE) {
    const part = await ask(model, 'rankingVectors', of, from, Math.min(from + AT_ONCE, count))
    values.set(part.values, from * dimension)
    bases.set(part.bases, of === 'users' ? from : 0)
  }
  return { values, bases }
}
