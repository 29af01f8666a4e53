// The data that engines train on: CSV files of user, item and rating, written once by the library.
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
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

/** Each user's last row left out, and the one before it held out: the validation part of leave-one-out. @returns {Source} */
export function lastForValidation(name, file) {
  const load = async () => {
    const data = await Dataset.fromFile(join(dataFolder, file))
    const { train, validation } = await data.split({ by: 'leave-one-out', validation: true })
    return { train, test: validation }
  }
  return { name: `${name}-last-validation`, needs: [file], load }
}

/** citeulike-t, a tenth held out at random. @type {Source} */
export const citeULike = {
  name: 'citeulike-t-random',
  needs: ['citeulike-t/users.dat'],
  load: async () => {
    const data = await Dataset.fromFile(join(dataFolder, ...citeULike.needs))
    return data.split({ by: 'random', test: 0.1, seed: 0 })
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

/**
 * A random part of MovieLens with a random tenth of it held out: few ratings of most users and items.
 * @param {'ml-100k' | 'ml-latest-small'} set  @param {number} rows  @returns {Source}
 */
export function thinned(set, rows, seed) {
  const needs = [set === 'ml-100k' ? 'ml-100k/u.data' : 'ml-latest-small/ratings.csv']
  const load = async () => {
    const data = await Dataset.fromFile(join(dataFolder, ...needs))
    return (await part(data, rows, seed)).split({ by: 'random', test: 0.1, seed })
  }
  return { name: `${set}-thinned-${rows}-${seed}`, needs, load }
}

/** A rating of 1 to 5 on a scale of 1 to 100, with noise that depends on the row alone. */
const stretch = (rating, row) => Math.min(100, Math.max(1, Math.round(rating * 20 + ((row * 2654435761) % 21) - 10)))

/** The same on a scale of 1 to 100. @returns {Source} */
export function rescaled(set, rows, seed) {
  const { needs } = thinned(set, rows, seed)
  const load = async () => {
    const few = await part(await Dataset.fromFile(join(dataFolder, ...needs)), rows, seed)
    const file = join(folder, `${set}-${process.pid}.csv`)
    mkdirSync(folder, { recursive: true })
    await few.save(file)
    const [head, ...lines] = readFileSync(file, 'utf8').trim().split('\n')
    rmSync(file)
    const place = head.split(',').indexOf('rating')
    const stretched = await Dataset.fromBytes(
      [head, ...lines.map((line, row) => line.split(',').with(place, stretch(line.split(',')[place], row)))].join('\n'),
    )
    return stretched.split({ by: 'random', test: 0.1, seed })
  }
  return { name: `${set}-rescaled-${rows}-${seed}`, needs, load }
}

/** About `rows` rows at random. */
async function part(data, rows, seed) {
  const { rows: all } = await data.info()
  return rows < all ? (await data.split({ by: 'random', test: 1 - rows / all, seed })).train : data
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
