import { ItemEmbeddingModel, ItemSimilarityModel, type ScoredItem } from 'tastespace'
import type { Data } from '../data/data.ts'
import { metric, whole } from '../numbers.ts'
import { useAnswer } from '../parts/answer.ts'
import { download } from '../parts/download.ts'
import { ScoreHead } from '../parts/score-head.tsx'
import { state } from '../state.ts'
import type { Run } from '../train/run.ts'
import { placesOf } from './marks.ts'

/** What is selected on the map: one item with its nearest, two with their distance, or a group. */
export function Selection({ run }: { run: Run }) {
  const data = state.data.value
  const selected = state.selected.value
  if (!data || selected.length === 0)
    return <p class="hint">Find or click an item. For a group draw a lasso, or choose a colour below the map.</p>
  return (
    <>
      <h3>
        <span class="ring selected" />{' '}
        {selected.length === 1 ? titleOf(data, selected[0] ?? '') : `${whole(selected.length)} selected`}
      </h3>
      <p class="buttons">
        <button type="button" onClick={() => download('selection.csv', 'text/csv', csvOf(data, selected))}>
          Save as CSV
        </button>
        <button
          type="button"
          class="quiet"
          onClick={() => {
            state.selected.value = []
          }}
        >
          Clear
        </button>
      </p>
      {selected.length === 1 && <Nearest run={run} item={selected[0] ?? ''} />}
      {selected.length === 2 && <Distance run={run} pair={selected} />}
      {selected.length > 1 && <Group data={data} selected={selected} />}
    </>
  )
}

const titleOf = (data: Data, item: string) => data.titles[placesOf(data).get(item) ?? -1] ?? item

function Nearest({ run, item }: { run: Run; item: string }) {
  const data = state.data.value
  const { model } = run
  const similar = useAnswer<readonly ScoredItem[]>(
    () => (model instanceof ItemSimilarityModel ? model.similarItems(item, { k: 8 }) : undefined),
    [run.id, run.phase, item],
  )
  const place = data ? (placesOf(data).get(item) ?? -1) : -1
  return (
    <>
      <p>
        {whole(data?.rowsPerItem[place] ?? 0)} interactions
        {(data?.genres[place]?.length ?? 0) > 0 && ` · ${data?.genres[place]?.join(', ')}`}
      </p>
      {similar && <ScoreHead />}
      {similar && (
        <ol class="list">
          {similar.map(({ item: each, title, score }) => (
            <li key={each}>
              <button
                type="button"
                class="quiet name"
                onClick={() => {
                  state.selected.value = [item, each]
                }}
              >
                {title || each}
              </button>
              <span class="number">{metric(score)}</span>
            </li>
          ))}
        </ol>
      )}
    </>
  )
}

function Distance({ run, pair }: { run: Run; pair: readonly string[] }) {
  const { model } = run
  const answer = useAnswer(
    () => (model instanceof ItemEmbeddingModel ? distanceOf(model, pair) : undefined),
    [run.id, run.phase, ...pair],
  )
  if (!answer) return null
  return (
    <dl class="facts">
      <dt>distance</dt>
      <dd>{metric(answer.distance)}</dd>
      <dt>cosine</dt>
      <dd>{metric(answer.cosine)}</dd>
      <dt>median distance of two items</dt>
      <dd>{metric(answer.median)}</dd>
    </dl>
  )
}

async function distanceOf(model: ItemEmbeddingModel, [first = '', second = '']: readonly string[]) {
  const { ids, vectors, dimension } = await model.itemVectors()
  const row = (place: number) => vectors.subarray(place * dimension, (place + 1) * dimension)
  const [a, b] = [row(ids.indexOf(first)), row(ids.indexOf(second))]
  // Pairs of rows that are half the catalogue apart stand for all pairs.
  const step = Math.max(1, Math.floor(ids.length / 1000))
  const half = Math.floor(ids.length / 2)
  const distances: number[] = []
  for (let place = 0; place < half; place += step) distances.push(distance(row(place), row(place + half)))
  distances.sort((x, y) => x - y)
  return {
    distance: distance(a, b),
    cosine: dot(a, b) / (Math.sqrt(dot(a, a) * dot(b, b)) || 1),
    median: distances[Math.floor(distances.length / 2)] ?? 0,
  }
}

function dot(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0)
}

function distance(a: Float32Array, b: Float32Array): number {
  return Math.sqrt(a.reduce((sum, value, index) => sum + (value - (b[index] ?? 0)) ** 2, 0))
}

function Group({ data, selected }: { data: Data; selected: readonly string[] }) {
  const places = placesOf(data)
  const counts = new Map<string, number>()
  for (const item of selected) {
    for (const genre of data.genres[places.get(item) ?? -1] ?? []) counts.set(genre, (counts.get(genre) ?? 0) + 1)
  }
  const common = [...counts].sort(([, a], [, b]) => b - a).slice(0, 4)
  return (
    <>
      {common.length > 0 && <p>{common.map(([genre, count]) => `${genre} ${count}`).join(' · ')}</p>}
      <ul class="list">
        {selected.slice(0, 30).map((item) => (
          <li key={item}>
            <button
              type="button"
              class="quiet name"
              onClick={() => {
                state.selected.value = [item]
              }}
            >
              {titleOf(data, item)}
            </button>
          </li>
        ))}
        {selected.length > 30 && <li>and {whole(selected.length - 30)} more</li>}
      </ul>
    </>
  )
}

function csvOf(data: Data, selected: readonly string[]): string {
  const quoted = (text: string) => (/[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)
  const rows = selected.map((item) => {
    const place = placesOf(data).get(item) ?? -1
    return [item, data.titles[place] ?? '', (data.genres[place] ?? []).join('|')].map(quoted).join(',')
  })
  return `item,title,genres\n${rows.join('\n')}\n`
}
