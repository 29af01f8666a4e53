import { badArgument, checkCallback, checkKeys, checkSignal, isRecord, keysOf } from '../../arguments.ts'
import { TastespaceError } from '../../errors.ts'
import { downloads } from '../../platform/platform.ts'
import { type Publications, publications } from './publications.ts'
import type { Chosen, FetchedData, FetchOptions } from './types.ts'

const FETCH_KEYS = keysOf<FetchOptions>({
  dir: true,
  cache: true,
  publications: true,
  timeout: true,
  signal: true,
  onProgress: true,
})

/**
 * Downloads a published data set from its publisher and unpacks it: `ml-100k`, or `amazon-2023/Toys_and_Games` for one of several
 * categories. An interrupted download continues where it ended. The publisher's checksum is verified where there is one. Only in
 * Node.
 *
 * @example
 * console.log(publications['ml-100k'].licence)
 * const { ratings, items } = await fetchData('ml-100k', { dir: 'data' })
 * const data = await Dataset.fromFile(ratings, { items: items ?? undefined })
 *
 * @throws `config/unknown-name`, `fetch/failed` with the publisher's answer, `fetch/interrupted`, `fetch/wrong-checksum`, `fetch/busy`,
 * `fetch/bad-archive`, `fetch/folder-in-use`, `file/…` codes; `file/no-file-system` in browsers
 */
export async function fetchData(name: string, options: FetchOptions = {}): Promise<FetchedData> {
  const { publications: table = publications, ...rest } = checkKeys('fetchData', options, FETCH_KEYS)
  const { dir, cache, timeout = 60 } = rest
  checkPublications(table)
  for (const [key, folder] of Object.entries({ dir, cache })) {
    if (folder !== undefined && (typeof folder !== 'string' || folder === '' || folder.includes('\0'))) {
      throw badArgument('fetchData', key, folder, 'the path of a folder')
    }
  }
  if (typeof timeout !== 'number' || !(timeout >= 0.1 && timeout <= 3600)) {
    throw badArgument('fetchData', 'timeout', timeout, 'a number of seconds, 0.1 to 3600')
  }
  checkSignal('fetchData', rest.signal)
  checkCallback('fetchData', 'onProgress', rest.onProgress)
  return downloads().fetch(chosen(table, name), { ...rest, timeout })
}

/** Refuses a table of the caller that lacks what a download needs. */
function checkPublications(table: Publications): void {
  const complete = (one: unknown) => isRecord(one) && typeof one.url === 'string' && typeof one.ratings === 'string'
  const all = isRecord(table) ? Object.values(table) : []
  if (all.length > 0 && all.every(complete)) return
  const expected = 'an object of publications { title, url, ratings, … } by their names'
  throw badArgument('fetchData', 'publications', table, expected)
}

/** The publication of a name, with or without a category. */
function chosen(table: Publications, name: string): Chosen {
  if (typeof name !== 'string') throw badArgument('fetchData', 'name', name, 'the name of a publication')
  const [first = '', category, ...more] = name.split('/')
  const publication = Object.hasOwn(table, first) ? table[first] : undefined
  if (!publication) throw unknownName(name, Object.keys(table))
  const { categories } = publication
  if (!categories && category === undefined) return { name, folder: first, publication }
  if (!categories || category === undefined || more.length > 0 || !categories.includes(category)) {
    throw unknownName(name, categories?.map((category) => `${first}/${category}`) ?? [first])
  }
  const filled = (text: string) => text.replaceAll('{category}', category)
  const { url, ratings, md5 } = publication
  return {
    name,
    folder: first,
    publication: {
      ...publication,
      url: filled(url),
      ratings: filled(ratings),
      ...(md5 !== undefined && { md5: filled(md5) }),
    },
  }
}

function unknownName(name: string, accepted: readonly string[]): TastespaceError {
  const message = `fetchData: there is no data set '${name}': the names are ${accepted.join(', ')}`
  return new TastespaceError('config/unknown-name', message, { name, accepted })
}
