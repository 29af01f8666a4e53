// The map of the run that is looked at: it follows the training, and is refined when that is over.
import { effect, signal } from '@preact/signals'
import { type AnyModel, EmbeddingModel, ItemEmbeddingModel, ItemSimilarityModel } from 'tastespace'
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

let worker: Worker | undefined
let next = 0
let asked:
  | { readonly id: number; readonly run: number; readonly epoch: number; readonly method: Layout['method'] }
  | undefined
let busy = false

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
    busy = false
    if (data.type === 'failed') {
      state.problem.value = { code: 'studio/map', message: `The map was not drawn: ${data.message}`, details: {} }
      return
    }
    if (!asked || data.id !== asked.id) return
    const { run, epoch, method } = asked
    layout.value = { run, epoch, method, xy: data.xy, share: data.share }
  })
  return started
}

/** Draws the map of a run as it is now, by its two main directions. */
export async function mapNow({ id, model, reports }: Run): Promise<void> {
  if (!(model instanceof ItemEmbeddingModel) || busy) return
  busy = true
  try {
    const { vectors, dimension } = await (showsUsers.peek() ? vectorsOfBoth(model) : model.itemVectors())
    asked = { id: next++, run: id, epoch: reports.at(-1)?.epoch ?? 0, method: 'pca' }
    ask({ type: 'pca', id: asked.id, vectors, dimension }, [vectors.buffer])
  } catch (error) {
    busy = false
    throw error
  }
}

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
export async function refine({ id, model, reports }: Run): Promise<void> {
  if (!(model instanceof ItemSimilarityModel)) return
  const items = state.data.value?.items ?? []
  if (!refines(items.length)) return
  asked = { id: next++, run: id, epoch: reports.at(-1)?.epoch ?? 0, method: 'umap' }
  const question = asked.id
  const { neighbours, distances } = await nearest(model, items)
  if (asked?.id !== question) return
  ask({ type: 'umap', id: question, neighbours, distances, count: items.length }, [neighbours.buffer, distances.buffer])
}

async function nearest(model: ItemSimilarityModel, items: readonly string[]) {
  const places = new Map(items.map((item, place) => [item, place]))
  const neighbours = new Int32Array(items.length * NEIGHBOURS)
  const distances = new Float32Array(items.length * NEIGHBOURS)
  // In pieces, so that the page's thread is never held for long.
  const PIECE = 256
  for (let from = 0; from < items.length; from += PIECE) {
    const lists = await model.similarItems(items.slice(from, from + PIECE), { k: NEIGHBOURS })
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
  return { neighbours, distances }
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
  const key = `${run.id} ${run.phase === 'done'}`
  if (key === before || run.phase !== 'done') return
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
