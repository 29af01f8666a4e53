// Computes maps away from the page's thread: it must stay free while models train.
import { clusters } from './clusters.ts'
import type { Answer, Question } from './messages.ts'
import { type Projection, project } from './pca.ts'
import { turned } from './turned.ts'

/** Epochs of UMAP, and how many of them between two pictures. */
const EPOCHS = 300
const STEP = 5

let before: Projection | undefined
let latest = -1

const answer = (message: Answer) => postMessage(message)

addEventListener('message', async ({ data }: MessageEvent<Question>) => {
  const { id } = data
  try {
    if (data.type === 'clusters') {
      answer({ type: 'clusters', id, groups: clusters(data.vectors, data.dimension, data.k) })
      return
    }
    // A new map ends the refinement of the one before.
    latest = id
    if (data.type === 'pca') {
      before = project(data.vectors, data.dimension, before)
      answer({ type: 'map', id, xy: before.xy, share: 1, done: true })
    } else {
      await refine(data)
    }
  } catch (error) {
    answer({ type: 'failed', id, message: error instanceof Error ? error.message : String(error) })
  }
})

async function refine({ id, neighbours, distances, count }: Question & { type: 'umap' }): Promise<void> {
  const { createUMAPFromKNN } = await import('embedding-atlas')
  const umap = await createUMAPFromKNN(count, 2, neighbours, distances, { minDist: 0.1 })
  try {
    const picture = (share: number, done: boolean) => {
      const xy = new Float32Array(umap.embedding)
      centre(xy)
      const shown = before?.xy.length === xy.length ? turned(xy, before.xy) : xy
      before = { xy: shown, axes: before?.axes }
      answer({ type: 'map', id, xy: shown, share, done })
    }
    for (let epoch = 0; epoch < EPOCHS && latest === id; epoch += STEP) {
      umap.setParameters({ learningRate: 1 - epoch / EPOCHS })
      await umap.step(STEP)
      picture((epoch + STEP) / EPOCHS, epoch + STEP >= EPOCHS)
      // Lets a question that came in the meantime be heard.
      await new Promise((resolve) => setTimeout(resolve))
    }
  } finally {
    umap.destroy()
  }
}

function centre(xy: Float32Array): void {
  let [x, y] = [0, 0]
  for (let index = 0; index < xy.length; index += 2) {
    x += xy[index] ?? 0
    y += xy[index + 1] ?? 0
  }
  const count = xy.length / 2
  for (let index = 0; index < xy.length; index += 2) {
    xy[index] = (xy[index] ?? 0) - x / count
    xy[index + 1] = (xy[index + 1] ?? 0) - y / count
  }
}
