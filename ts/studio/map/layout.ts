// The map of the run that is looked at: it follows the training, and is refined when that is over.
import { effect, signal } from '@preact/signals'
import { type AnyModel, EmbeddingModel, ItemEmbeddingModel, ItemSimilarityModel, type ScoredItem } from 'tastespace'
import { errorData } from '../errors.ts'
import { state } from '../state.ts'
import { chosenRun, onEpoch } from '../train/queue.ts'
import type { Run } from '../train/run.ts'
import type { Answer, Question } from './messages.ts'

/** x and y of every item, and after them of every user if they are shown. */
export interface Layout {
  readonly run: number
  readonly epoch: number
  readonly method: 'pca' | 'umap'
  readonly xy: Float32Array
  /** How far the refinement is, from 0 to 1. */
  readonly share: number
}

export const layout = signal<Layout | undefined>(undefined)
/** Whether users are drawn too, where the model has vectors of both in one space. */
export const showsUsers = signal(false)
/** The group of each item, for its colour. */
export const groups = signal<Uint8Array | undefined>(undefined)

/** Neighbours of each item that UMAP is given. */
const NEIGHBOURS = 15
/** Above this, lists of neighbours take too long to ask for in one page. */
export const MOST_ITEMS = 30_000
/** UMAP needs more items than each has neighbours. */
export const FEWEST_ITEMS = NEIGHBOURS + 2

/** Whether UMAP can draw so many items. */
export const refines = (items: number) => items >= FEWEST_ITEMS && items <= MOST_ITEMS

/** The run whose items' neighbours are looked for, before UMAP draws them, and the share of the items that is done. */
export const searching = signal<{ readonly run: number; readonly share: number } | undefined>(undefined)

let worker: Worker | undefined
let next = 0
let asked:
  | { readonly id: number; readonly run: number; readonly epoch: number; readonly method: Layout['method'] }
  | undefined
let busy = false
/** A map that is asked for while another is drawn. */
let waiting: Run | undefined

function ask(question: Question, transfer: Transferable[]): void {
  worker ??= start()
  worker.postMessage(question, transfer)
}

function start(): Worker {
  const started = new Worker(new URL('./layout-worker.mjs', import.meta.url), { type: 'module' })
  started.addEventListener('message', ({ data }: MessageEvent<Answer>) => {
    if (data.type === 'clusters') {
      groups.value = data.groups
      return
    }
    free()
    if (data.type === 'failed') {
      state.problem.value = { code: 'studio/map', message: `The map was not drawn: ${data.message}`, details: {} }
      return
    }
    if (!asked || data.id !== asked.id) return
    const { run, epoch, method } = asked
    // UMAP has the items only.
    if (method === 'umap') showsUsers.value = false
    layout.value = { run, epoch, method, xy: data.xy, share: data.share }
  })
  return started
}

/** Draws the map of a run as it is now, by its two main directions; with `waits` even if another is being drawn. */
export async function mapNow(run: Run, waits = false): Promise<void> {
  const { id, model } = run
  if (!(model instanceof ItemEmbeddingModel)) return
  if (busy) {
    if (waits) waiting = run
    return
  }
  busy = true
  const question = next++
  asked = { id: question, run: id, epoch: epochOf(run), method: 'pca' }
  try {
    const { vectors, dimension } = await (showsUsers.peek() ? vectorsOfBoth(model) : model.itemVectors())
    // Vectors may come late, while a model trains: what was asked for since then comes first.
    if (asked?.id !== question) return free()
    ask({ type: 'pca', id: question, vectors, dimension }, [vectors.buffer])
  } catch (error) {
    free()
    throw error
  }
}

/** Draws the map that waits, now that the one before is there. */
function free(): void {
  busy = false
  const run = waiting
  waiting = undefined
  if (run && chosenRun()?.id === run.id) mapNow(run).catch(forget)
}

/** The epoch of a model as it is: of one that is done, the epoch that it kept. */
const epochOf = ({ trainedEpochs, reports }: Run) => trainedEpochs ?? reports.at(-1)?.epoch ?? 0

/** The vectors of the items, and after them those of the users. */
async function vectorsOfBoth(model: ItemEmbeddingModel) {
  const items = await model.itemVectors()
  if (!(model instanceof EmbeddingModel)) return items
  const users = await model.userVectors()
  const vectors = new Float32Array(items.vectors.length + users.vectors.length)
  vectors.set(items.vectors)
  vectors.set(users.vectors, items.vectors.length)
  return { vectors, dimension: items.dimension }
}

/** Refines the map by UMAP, from each item's nearest by the model. */
export async function refine(run: Run): Promise<void> {
  const { id, model } = run
  if (!(model instanceof ItemSimilarityModel)) return
  const items = state.data.value?.items ?? []
  if (!refines(items.length)) return
  asked = { id: next++, run: id, epoch: epochOf(run), method: 'umap' }
  const question = asked.id
  const wanted = () => asked?.id === question
  try {
    const found = await nearest(model, items, (share) => {
      if (wanted()) searching.value = { run: id, share }
      return wanted()
    })
    if (!found) return
    const { neighbours, distances } = found
    ask({ type: 'umap', id: question, neighbours, distances, count: items.length }, [
      neighbours.buffer,
      distances.buffer,
    ])
  } finally {
    if (searching.value?.run === id) searching.value = undefined
  }
}

/** The neighbours of all items; undefined once `goesOn`, which is given the share that is done, returns false. */
async function nearest(model: ItemSimilarityModel, items: readonly string[], goesOn: (share: number) => boolean) {
  const places = new Map(items.map((item, place) => [item, place]))
  const neighbours = new Int32Array(items.length * NEIGHBOURS)
  const distances = new Float32Array(items.length * NEIGHBOURS)
  // In pieces, so that the page's thread is never held for long.
  const PIECE = 256
  // Several pieces are asked for at once: while a model trains, the engine answers between its epochs.
  const AT_ONCE = 8
  const pieces: Promise<readonly (readonly ScoredItem[])[]>[] = []
  for (let from = 0; from < items.length; from += PIECE) {
    if (from % (PIECE * AT_ONCE) === 0) {
      if (!goesOn(from / items.length)) return undefined
      for (let next = from; next < Math.min(items.length, from + PIECE * AT_ONCE); next += PIECE) {
        pieces.push(model.similarItems(items.slice(next, next + PIECE), { k: NEIGHBOURS }))
      }
      await Promise.all(pieces)
    }
    const lists = (await pieces[from / PIECE]) ?? []
    for (const [offset, list] of lists.entries()) {
      const row = (from + offset) * NEIGHBOURS
      const best = list[0]?.score ?? 0
      for (let place = 0; place < NEIGHBOURS; place++) {
        // A list that is too short goes on with its last.
        const each = list[Math.min(place, list.length - 1)]
        neighbours[row + place] = each ? (places.get(each.item) ?? 0) : (from + offset + place + 1) % items.length
        distances[row + place] = each ? Math.max(0, best - each.score) + 0.05 : 1
      }
    }
  }
  return goesOn(1) ? { neighbours, distances } : undefined
}

/** Groups of the items, for colours. */
export async function groupItems(model: AnyModel): Promise<void> {
  if (!(model instanceof ItemEmbeddingModel)) return
  const { vectors, dimension } = await model.itemVectors()
  ask({ type: 'clusters', id: next++, vectors, dimension, k: 9 }, [vectors.buffer])
}

// While a model trains, its map follows where it is seen.
onEpoch.add((run) => {
  const seen = state.tab.value === 'train' || (state.tab.value === 'map' && chosenRun()?.id === run.id)
  if (seen) mapNow(run).catch(forget)
})

// When a run is done, or another one is chosen, its last state is drawn.
let before = ''
effect(() => {
  const run = chosenRun()
  if (!state.data.value || !run?.model) {
    layout.value = undefined
    groups.value = undefined
    before = ''
    return
  }
  // On the part of the training, the map is that of the run in training: another part draws its own again.
  const drawn = layout.peek()
  const lost = state.tab.value === 'map' && drawn !== undefined && drawn.run !== run.id
  const key = `${run.id} ${run.phase === 'done'}`
  if ((key === before && !lost) || run.phase !== 'done') return
  before = key
  groups.value = undefined
  if (layout.value && layout.value.run !== run.id) layout.value = undefined
  settle(run).catch((error) => {
    if (chosenRun()?.id === run.id) state.problem.value = errorData(error)
  })
})

async function settle(run: Run): Promise<void> {
  busy = false
  if (run.model instanceof ItemEmbeddingModel) await mapNow(run)
  else if (run.model instanceof ItemSimilarityModel) await refine(run)
}

/** A map that could not be drawn in the middle of a training is drawn by the next epoch. */
const forget = () => {}
