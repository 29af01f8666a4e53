import { useSignal } from '@preact/signals'
import { EmbeddingModel, ItemEmbeddingModel, ItemSimilarityModel } from 'tastespace'
import { GREY } from '../colours.ts'
import type { Data } from '../data/data.ts'
import { shown } from '../errors.ts'
import { whole } from '../numbers.ts'
import { Computing } from '../parts/computing.tsx'
import { ItemSearch, UserChoice } from '../parts/pick.tsx'
import { NoModel, RunChoice } from '../parts/run-choice.tsx'
import { state } from '../state.ts'
import { chosenRun } from '../train/queue.ts'
import { answers, type Run } from '../train/run.ts'
import { MapCanvas } from './canvas.tsx'
import { type Colouring, coloured } from './colouring.ts'
import { packed } from './layer.ts'
import {
  FEWEST_ITEMS,
  groupItems,
  groups,
  type Layout,
  layout,
  MOST_ITEMS,
  mapNow,
  refine,
  refines,
  searching,
  showsUsers,
} from './layout.ts'
import { marksOf, usePerson } from './marks.ts'
import { History, Recommended } from './person.tsx'
import { Selection } from './selection.tsx'

export function MapPart() {
  const run = chosenRun()
  const data = state.data.value
  const by = useSignal<Colouring>(data?.genres.some(({ length }) => length > 0) ? 'genre' : 'popularity')
  const lasso = useSignal(false)
  // The map of another run, which the training in progress may draw, is not this one's.
  const current = layout.value?.run === run?.id ? layout.value : undefined
  const person = usePerson(run)
  if (!data || !answers(run)) return <NoModel what="The map" />
  const { colours, legend } = coloured(data, by.value, groups.value)
  const hasVectors = run.model instanceof ItemEmbeddingModel
  const none = noMap(run, data.items.length)
  const search = searching.value?.run === run.id ? searching.value : undefined
  const points = pointsOf(data, colours, (current?.xy.length ?? 0) / 2)
  const select = (item: string) => {
    const { value } = state.selected
    state.selected.value = value.includes(item) ? value.filter((each) => each !== item) : [...value.slice(-1), item]
  }
  const find = (item: string) => {
    if (!state.selected.value.includes(item)) select(item)
  }
  return (
    <div class="map-page">
      <section class="card map-card">
        <div class="map-tools">
          <RunChoice />
          <label>
            <span>Colour</span>
            <select
              value={by.value}
              onChange={(event) => {
                by.value = event.currentTarget.value as Colouring
                if (by.value === 'cluster') void groupItems(run.model)
              }}
            >
              {data.genres.some(({ length }) => length > 0) && <option value="genre">genre</option>}
              <option value="popularity">popularity</option>
              {hasVectors && <option value="cluster">cluster</option>}
            </select>
          </label>
          {run.model instanceof EmbeddingModel && (
            <label>
              <input
                type="checkbox"
                checked={showsUsers.value}
                onChange={(event) => {
                  showsUsers.value = event.currentTarget.checked
                  void shown(() => mapNow(run, true))
                }}
              />{' '}
              users
            </label>
          )}
          {none === undefined && (
            <button
              type="button"
              aria-pressed={lasso.value}
              onClick={() => {
                lasso.value = !lasso.value
              }}
            >
              Lasso
            </button>
          )}
          {run.phase === 'done' && hasVectors && refines(data.items.length) && (
            <button
              type="button"
              disabled={search !== undefined}
              onClick={() => void shown(() => (current?.method === 'umap' ? mapNow(run, true) : refine(run)))}
            >
              {current?.method === 'umap' ? 'Main directions' : 'Refine by neighbours'}
            </button>
          )}
          <ItemSearch label="Find" onPick={({ item }) => find(item)} />
        </div>
        {current ? (
          <MapCanvas
            xy={current.xy}
            colours={points.colours}
            titles={points.titles}
            popularity={data.rowsPerItem}
            marks={marksOf(data, person, state.selected.value)}
            lasso={lasso.value}
            onPick={(place) => {
              const item = data.items[place]
              if (item !== undefined) select(item)
              else state.user.value = data.users[place - data.items.length]
            }}
            onLasso={(places) => {
              lasso.value = false
              state.selected.value = places.flatMap((place) => data.items[place] ?? [])
            }}
          />
        ) : (
          <p class="map-empty">{none ?? 'Drawing the map.'}</p>
        )}
        <div class="legend">
          {points.colours !== colours && (
            <span>
              <span class="dot" style={{ background: GREY }} /> users
            </span>
          )}
          {none === undefined && by.value === 'popularity' && <span>interactions</span>}
          {none === undefined &&
            legend.map(({ name, colour }) => (
              <button
                key={name}
                type="button"
                class="quiet"
                title="Select these items"
                onClick={() => {
                  state.selected.value = data.items.filter((_, place) => colours[place] === packed(colour))
                }}
              >
                <span class="dot" style={{ background: colour }} /> {name}
              </button>
            ))}
          <span class="method" role="status">
            {search ? `finding each item's neighbours, ${percent(search.share)}` : current && methodOf(current)}
          </span>
        </div>
      </section>
      <aside class="card map-side">
        <UserChoice />
        {person ? (
          <Recommended run={run} person={person} onItem={select} />
        ) : (
          state.user.value !== undefined && <Computing />
        )}
        <Selection run={run} />
        {person && <History person={person} onItem={select} />}
      </aside>
    </div>
  )
}

const percent = (share: number) => `${Math.floor(share * 100)} %`

function methodOf({ method, share }: Layout): string {
  if (method === 'pca') return 'the two main directions of the vectors (PCA)'
  return `UMAP of each item's nearest${share < 1 ? `, ${percent(share)}` : ''}`
}

/** Why a model has no map; undefined where it has one. */
function noMap({ kind, model }: Run, items: number): string | undefined {
  if (model instanceof ItemEmbeddingModel) return undefined
  if (!(model instanceof ItemSimilarityModel)) {
    return `${kind} has no similarities of items, so it has no map. Choose another model.`
  }
  if (refines(items)) return undefined
  return `${kind} has no vectors, so its map is drawn by UMAP, which needs ${whole(FEWEST_ITEMS)} to ${whole(MOST_ITEMS)} items. Choose another model.`
}

/** Colours and titles of all points: the items, and after them the users where the map has them. */
function pointsOf({ items, titles, users }: Data, colours: Uint32Array, count: number) {
  if (count <= items.length) return { colours, titles }
  const all = new Uint32Array(count).fill(packed(GREY))
  all.set(colours)
  return { colours: all, titles: [...titles, ...users.map((user) => `user ${user}`)] }
}
