import { useSignal } from '@preact/signals'
import { ItemSimilarityModel, type ScoredItem } from 'tastespace'
import { placesOf, usePerson } from '../map/marks.ts'
import { metric } from '../numbers.ts'
import { useAnswer } from '../parts/answer.ts'
import { ExplanationView } from '../parts/explanation.tsx'
import { ItemSearch } from '../parts/pick.tsx'
import type { InsideProps } from './props.ts'

/** The nearest items of an item by the model, and what the user's own items give to their recommendations. */
export function NeighboursInside({ run, data, user }: InsideProps) {
  const person = usePerson(run)
  const wanted = useSignal<string | undefined>(undefined)
  const item = wanted.value ?? person?.list[0]?.item
  const { model } = run
  const similar = useAnswer<readonly ScoredItem[]>(
    () =>
      item !== undefined && model instanceof ItemSimilarityModel ? model.similarItems(item, { k: 12 }) : undefined,
    [run.id, item],
  )
  const first = person?.list[0]
  const explanation = useAnswer(
    () => (first && person?.user === user ? model.explain(user, first.item) : undefined),
    [run.id, user, first?.item],
  )
  const highest = Math.max(1e-9, ...(similar?.map(({ score }) => score) ?? []))
  return (
    <section class="card split-card">
      <div>
        <ItemSearch
          label="Neighbours of"
          onPick={(found) => {
            wanted.value = found.item
          }}
        />
        <h3>{item !== undefined && data.titles[placesOf(data).get(item) ?? -1]}</h3>
        <ol class="list weighted">
          {similar?.map(({ item: each, title, score }) => (
            <li key={each}>
              <button
                type="button"
                class="quiet name"
                onClick={() => {
                  wanted.value = each
                }}
              >
                {title || each}
              </button>
              <span class="number">{metric(score)}</span>
              <span class="share" style={{ width: `${Math.max(0, (100 * score) / highest)}%` }} />
            </li>
          ))}
        </ol>
      </div>
      <div>
        {first && explanation && (
          <>
            <h3>
              Why {first.title || first.item} for user {user}
            </h3>
            <ExplanationView explanation={explanation} />
          </>
        )}
      </div>
    </section>
  )
}
