import { createModel, Dataset, type DatasetInfo, type Engine, type Parts, TastespaceError } from 'tastespace'
import { startEngine, useEngine } from '../engine.ts'
import { errorData, shown } from '../errors.ts'
import { counted } from '../numbers.ts'
import { state } from '../state.ts'
import { clearRuns } from '../train/queue.ts'
import type { Data, Files } from './data.ts'
import { EMBEDDED_NAME, embedded } from './embedded.ts'
import { withEncoding } from './encoding.tsx'
import { sha256 } from './hash.ts'
import { isOfEncoding, remedyFor, unnamedIn } from './remedies.ts'
import { cancellable } from './stream.ts'

/** The rule that holds out nothing. */
export const NO_TEST = 'random:0'

/** The reading that lasts: a later one takes its place. */
let current: AbortController | undefined

/** Reads the data set, splits it, and makes it the one that models learn from. */
export function load(files: Files | undefined, split?: string): Promise<void> {
  return shown(async () => {
    const abort = new AbortController()
    current?.abort()
    current = abort
    const name = files?.ratingsName ?? EMBEDDED_NAME
    const total = files?.ratings.size ?? 0
    const say = (step: string, bytes = 0) => {
      if (abort.signal.aborted) return
      state.reading.value = { name, step, bytes, total, cancel: () => abort.abort() }
    }
    say('Starting the engine')
    state.unnamed.value = undefined
    try {
      const engine = await useEngine()
      say(files ? 'Reading' : 'Generating')
      const onProgress = (bytes: number) => say('Reading', bytes)
      const dataset = await (files ? read(files, engine, onProgress, abort.signal) : embedded(engine))
      if (abort.signal.aborted) return dataset.dispose()
      say('Counting')
      const data = await described(dataset, files, split)
      if (abort.signal.aborted || !mayReplace(name)) return dispose(data)
      replace(data)
    } catch (error) {
      if (abort.signal.aborted) return
      if (!files) throw error
      const { columns, matrix } = unnamedIn(error)
      const remedy = remedyFor(error)
      if (columns.length > 0) state.unnamed.value = { files, split, columns, matrix }
      else if (remedy) {
        const apply = () => void load({ ...files, layout: { ...files.layout, ...remedy.layout } }, split)
        const problem = errorData(error)
        const message = problem.message.replace(/; (to leave out such rows|if it is a matrix).*$/, '')
        state.problem.value = { ...problem, message, remedy: { label: remedy.label, apply } }
      } else if (isOfEncoding(error)) {
        const apply = (encoding: string | undefined) => void load(withEncoding(files, encoding), split)
        state.problem.value = { ...errorData(error), encoding: { chosen: files.layout?.encoding, apply } }
      } else throw error
    } finally {
      if (current === abort) {
        current = undefined
        state.reading.value = undefined
      }
    }
  })
}

/** Reads the same data into an engine with another number of threads. Trained models are dropped: they live in the engine. */
export function changeThreads(threads: number): Promise<void> {
  return shown(async () => {
    const data = state.data.value
    await startEngine(threads, () => {
      current?.abort()
      clearRuns()
      state.data.value = undefined
    })
    await load(data?.files, data?.split)
  })
}

/** Splits the same data set by another rule. Models of the old parts are dropped, since they were measured on another test. */
export function splitAgain(split: string): Promise<void> {
  return shown(async () => {
    const data = state.data.value
    if (!data) return
    const parts = await partsOf(data.dataset, split)
    clearRuns()
    disposeParts(data.parts)
    state.data.value = { ...data, split, parts }
  })
}

function read(files: Files, engine: Engine, onProgress: (bytes: number) => void, signal: AbortSignal) {
  const { ratings, ratingsName: name, items, columns, layout } = files
  const options = { engine, onProgress, name, ...(items && { items }), ...(columns && { columns }), ...layout }
  // A stream can be cancelled; tables and archives are read from their end.
  if (/\.(zip|parquet|arrow|feather|ipc)$/i.test(name)) return Dataset.fromFile(ratings, options)
  return Dataset.fromStream(cancellable(ratings.stream(), signal), options)
}

async function described(dataset: Dataset, files: Files | undefined, split?: string): Promise<Data> {
  const info = await dataset.info()
  const [rule, parts] = split === undefined ? await partsFor(dataset, info) : [split, await partsOf(dataset, split)]
  const everything = await createModel('pop', {}, { engine: dataset.engine })
  await everything.fit(dataset)
  const [items, titles, genres, users, rowsPerItem, seen] = await Promise.all([
    dataset.itemIds(),
    dataset.itemTitles(),
    dataset.itemGenres(),
    dataset.userIds(),
    everything.itemRows(),
    everything.seenItems(),
  ])
  return {
    name: files?.ratingsName ?? EMBEDDED_NAME,
    files,
    hash: files && (await sha256(files.ratings)),
    dataset,
    info,
    items,
    titles: items.map((id, index) => titles[index] || id),
    genres: items.map((_, index) => genres[index] ?? []),
    users,
    rowsPerItem,
    rowsPerUser: Uint32Array.from(users, (_, index) => (seen.ends[index] ?? 0) - (seen.ends[index - 1] ?? 0)),
    split: rule,
    parts,
    everything,
  }
}

/** The parts by the usual rule, or the whole where the data has too few rows for it. */
async function partsFor(dataset: Dataset, { times }: DatasetInfo): Promise<[rule: string, parts: Parts]> {
  const rule = times ? 'leave-one-out' : 'random:0.1'
  const parts = await partsIfEnough(dataset, rule)
  return parts ? [rule, parts] : [NO_TEST, await partsOf(dataset, NO_TEST)]
}

async function partsOf(dataset: Dataset, split: string): Promise<Parts> {
  const parts = split === NO_TEST ? await partsIfEnough(dataset, split) : undefined
  return parts ?? dataset.split({ by: split as 'leave-one-out', validation: split !== NO_TEST })
}

/** The parts, with one for validation; undefined where the rows are too few. */
function partsIfEnough(dataset: Dataset, split: string): Promise<Parts | undefined> {
  return dataset.split({ by: split as 'leave-one-out', validation: true }).catch((error: unknown) => {
    if (error instanceof TastespaceError && error.code === 'split/too-few-rows') return undefined
    throw error
  })
}

/** Asks before models are lost to new data: they were measured on the data before, and live in the engine. */
function mayReplace(name: string): boolean {
  const runs = state.runs.value.filter(({ phase }) => phase !== 'failed')
  const before = state.data.value?.name
  if (runs.length === 0 || before === undefined) return true
  return confirm(
    `Take ${name} in place of ${before}? ${counted(runs.length, 'model')} of ${before} will be dropped. Download what you need first.`,
  )
}

function replace(data: Data): void {
  clearRuns()
  const before = state.data.value
  state.data.value = data
  state.user.value = mostActive(data)
  state.selected.value = []
  if (before) dispose(before)
}

/** A user with a history to look at, but not a robot's: the one at the upper quartile. */
function mostActive({ users, rowsPerUser }: Data): string | undefined {
  const order = [...rowsPerUser.keys()].sort((a, b) => (rowsPerUser[a] ?? 0) - (rowsPerUser[b] ?? 0) || a - b)
  return users[order[Math.floor(order.length * 0.75)] ?? 0]
}

function dispose({ dataset, parts, everything }: Data): void {
  disposeParts(parts)
  everything.dispose()
  dataset.dispose()
}

function disposeParts(parts: Parts): void {
  for (const part of Object.values(parts)) part?.dispose()
}
