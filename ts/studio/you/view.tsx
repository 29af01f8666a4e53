import { useSignal } from '@preact/signals'
import { type AnyModel, readHistory, type ScoredItem } from 'tastespace'
import { runColour } from '../colours.ts'
import type { Data } from '../data/data.ts'
import { shown } from '../errors.ts'
import { score as shownScore } from '../numbers.ts'
import { useAnswer } from '../parts/answer.ts'
import { Computing } from '../parts/computing.tsx'
import { download } from '../parts/download.ts'
import { ItemSearch } from '../parts/pick.tsx'
import { NoModel } from '../parts/run-choice.tsx'
import { ScoreHead } from '../parts/score-head.tsx'
import { state } from '../state.ts'
import { answers, type Run } from '../train/run.ts'
import { OwnAttention } from './attention.tsx'
import { historyOf, type Liked } from './liked.ts'
import { addHistory, isList, like, listFrom, told, unlike } from './list.ts'
import { Reasons } from './reasons.tsx'
import { suggestions } from './suggestions.ts'

export function YouPart() {
  const data = state.data.value
  const runs = state.runs.value.filter((run) => answers(run) && run.phase === 'done')
  if (!data) return <NoModel what="Your list" />
  return (
    <div class="you">
      <section class="card">
        <h2>What do you like?</h2>
        <ItemSearch label="Find" onPick={(found) => like(found)} />
        <Suggestions data={data} />
        <Files data={data} />
      </section>
      <section class="card">
        <h2>Your list</h2>
        {state.liked.value.length === 0 ? (
          <p class="hint">Choose a few items. They stay on this device.</p>
        ) : (
          <ul class="list">
            {state.liked.value.map((each) => (
              <Own key={each.item} liked={each} data={data} />
            ))}
          </ul>
        )}
      </section>
      <section class="columns" aria-label="Recommendations for you">
        {runs.length === 0 && <NoModel what="A list for you" />}
        {runs.map((run) => (
          <Column key={run.id} run={run} liked={state.liked.value} />
        ))}
      </section>
    </div>
  )
}

function Own({ liked: { item, title, rating }, data }: { liked: Liked; data: Data }) {
  return (
    <li>
      <span>{title}</span>
      {data.info.ratings && !data.info.ratings.counts && (
        <select
          aria-label={`Rating of ${title}`}
          value={rating === undefined ? '' : String(rating)}
          onChange={(event) => {
            const { value } = event.currentTarget
            like({ item, title, ...(value !== '' && { rating: Number(value) }) })
          }}
        >
          <option value="">liked</option>
          {choices(data.info.ratings.range, rating).map((step) => (
            <option key={step} value={String(step)}>
              {Number(step.toFixed(2))}
            </option>
          ))}
        </select>
      )}
      <button type="button" class="quiet" aria-label={`Remove ${title}`} onClick={() => unlike(item)}>
        ×
      </button>
    </li>
  )
}

/** The steps of the scale, and the rating itself where it lies between two: an export may have another scale. */
function choices(range: readonly [number, number], rating: number | undefined): number[] {
  const offered = steps(range)
  if (rating === undefined || offered.includes(rating)) return offered
  return [...offered, rating].sort((a, b) => b - a)
}

/** Ratings to choose from: whole numbers, or ten steps of a long scale. */
function steps([low, high]: readonly [number, number]): number[] {
  const step = high - low > 10 ? (high - low) / 10 : high - low <= 2 ? (high - low) / 4 : 1
  const count = Math.floor((high - low) / step + 1e-9)
  return Array.from({ length: count + 1 }, (_, index) => Number((high - index * step).toPrecision(6)))
}

function Suggestions({ data }: { data: Data }) {
  const known = new Set(state.liked.value.map(({ item }) => item))
  const shownItems = suggestions(data)
    .filter(({ item }) => !known.has(item))
    .slice(0, 14)
  return (
    <ul class="chips" aria-label="Well-known items">
      {shownItems.map((each) => (
        <li key={each.item}>
          <button type="button" onClick={() => like(each)}>
            + {each.title}
          </button>
        </li>
      ))}
    </ul>
  )
}

function Files({ data }: { data: Data }) {
  return (
    <>
      <p class="buttons">
        <label class="file">
          Read an export or a saved list
          <input
            type="file"
            onChange={(event) => {
              const [file] = event.currentTarget.files ?? []
              if (file) void shown(() => read(file, data))
              event.currentTarget.value = ''
            }}
          />
        </label>
        <button
          type="button"
          disabled={state.liked.value.length === 0}
          onClick={() =>
            download('my-list.json', 'application/json', `${JSON.stringify(state.liked.value, null, 2)}\n`)
          }
        >
          Save the list
        </button>
      </p>
      {told.text && (
        <p class="hint" role="status">
          {told.text}
        </p>
      )}
    </>
  )
}

async function read(file: File, data: Data): Promise<void> {
  if (file.name.endsWith('.json')) {
    // A list that was saved here, or an export in JSON.
    const text = await file.text()
    if (isList(text)) {
      const own = listFrom(text, data)
      if (own.length === 0) throw new Error(`${file.name} is a saved list without an item of ${data.name}`)
      for (const each of own) like(each)
      return
    }
  }
  await addHistory(await readHistory(file, { name: file.name }))
  state.liked.value = [...state.liked.value]
}

function Column({ run, liked }: { run: Run; liked: readonly Liked[] }) {
  const { model } = run
  const open = useSignal<string | undefined>(undefined)
  const list = useAnswer(
    () => (model && liked.length > 0 ? listFor(model, liked) : undefined),
    [run.id, run.phase, JSON.stringify(liked)],
  )
  return (
    <section class="card column">
      <h3>
        <span class="dot" style={{ background: runColour(run.id) }} /> {run.name}
      </h3>
      {list ? <ScoreHead /> : liked.length > 0 ? <Computing /> : <p class="hint">Add items to your list first.</p>}
      <ol class="list">
        {list?.map(({ item, title, score }) => (
          <li key={item}>
            <details
              name={`reasons ${run.id}`}
              onToggle={(event) => {
                if (event.currentTarget.open) open.value = item
                else if (open.value === item) open.value = undefined
              }}
            >
              <summary>
                {title || item} <span class="number">{shownScore(score)}</span>
              </summary>
              {model && open.value === item && <Reasons model={model} item={item} liked={liked} />}
            </details>
          </li>
        ))}
      </ol>
      {model && list?.[0] && <OwnAttention model={model} item={list[0].item} liked={liked} />}
    </section>
  )
}

function listFor(model: AnyModel, liked: readonly Liked[]): Promise<readonly ScoredItem[]> {
  return model.recommendFor(historyOf(liked), { k: 10, unknown: 'skip' })
}
