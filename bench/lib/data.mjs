// The data that engines train on: CSV files of user, item and rating, written once by the library.
import { existsSync, mkdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { Dataset } from '../../dist/index.mjs'
import { root } from '../../scripts/lib/root.mjs'
import { hashOf } from '../../scripts/lib/stamp.mjs'
import { cached } from './cache.mjs'

/** The folder of real data; see CONTRIBUTING.md. */
export const dataFolder = process.env.TASTESPACE_DATA || join(root, '../shared/data')

/**
 * @typedef {object} Source  training and test data
 * @property {string} name   also the stem of its files
 * @property {string[]} [needs]  files of the data folder it needs
 * @property {() => Promise<{ train: Dataset, test: Dataset }>} load
 */

/** The folder depends on the source of generator and splits. */
const folder = cached('data', hashOf(['crates/data/src']).slice(0, 12))

/** The published split u1 of MovieLens 100K: 80,000 and 20,000 ratings. @type {Source} */
export const movieLens100K = {
  name: 'ml-100k-u1',
  needs: ['ml-100k/u1.base', 'ml-100k/u1.test'],
  load: async () => {
    const [train, test] = await Promise.all(movieLens100K.needs.map((file) => Dataset.fromFile(join(dataFolder, file))))
    return train.split({ by: 'file', test })
  },
}

/** MovieLens 100K, each user's last row held out. @type {Source} */
export const movieLens100KLast = {
  name: 'ml-100k-last',
  needs: ['ml-100k/u.data'],
  load: async () => {
    const data = await Dataset.fromFile(join(dataFolder, ...movieLens100KLast.needs))
    return data.split({ by: 'leave-one-out' })
  },
}

/** MovieLens 100K, a tenth held out at random. @returns {Source} */
export function movieLens100KAtRandom(seed) {
  const needs = ['ml-100k/u.data']
  const load = async () => {
    const data = await Dataset.fromFile(join(dataFolder, ...needs))
    return data.split({ by: 'random', test: 0.1, seed })
  }
  return { name: `ml-100k-random-${seed}`, needs, load }
}

/** Generated ratings, a random tenth held out. @returns {Source} */
export function generated(options) {
  const load = async () => (await Dataset.synthetic(options)).split({ by: 'random', test: 0.1, seed: 0 })
  const { users, items, ratings } = options
  return { name: `generated-${ratings}-${users}-${items}`, load }
}

/** The paths of a source's files, which are written if missing; or why there are none. @param {Source} source */
export async function filesOf({ name, needs = [], load }) {
  const missing = needs.find((file) => !existsSync(join(dataFolder, file)))
  if (missing) return { missing: `${missing} is not in the data folder (TASTESPACE_DATA)` }
  const files = { train: join(folder, `${name}-train.csv`), test: join(folder, `${name}-test.csv`) }
  if (existsSync(files.train) && existsSync(files.test)) return files
  mkdirSync(folder, { recursive: true })
  const parts = await load()
  for (const [part, file] of Object.entries(files)) {
    // Renamed once it is complete.
    await parts[part].save(`${file}.part`)
    renameSync(`${file}.part`, file)
  }
  return files
}
