import { useSignal } from '@preact/signals'
import { score as shownScore, whole } from '../numbers.ts'
import { useAnswer } from '../parts/answer.ts'
import { ExplanationView } from '../parts/explanation.tsx'
import { ScoreHead } from '../parts/score-head.tsx'
import { state } from '../state.ts'
import type { Run } from '../train/run.ts'
import type { PersonLists } from './marks.ts'

interface Props {
  readonly person: PersonLists
  readonly onItem: (item: string) => void
}

/** The user's recommendations; one of them, when chosen, with the reasons for it. */
export function Recommended({ run, person, onItem }: Props & { readonly run: Run }) {
  const why = useSignal<string | undefined>(undefined)
  const item = person.list.some((each) => each.item === why.value) ? why.value : undefined
  const explanation = useAnswer(
    () => (run.model && item !== undefined ? run.model.explain(person.user, item) : undefined),
    [run.id, person.user, item],
  )
  return (
    <>
      <h3>
        <span class="ring recommended" /> For user {person.user}
      </h3>
      <ScoreHead />
      <ol class="list">
        {person.list.map(({ item: each, title, score }) => (
          <li key={each}>
            <button
              type="button"
              class="quiet name"
              aria-expanded={each === item}
              onClick={() => {
                why.value = each === item ? undefined : each
                if (each !== item) onItem(each)
              }}
            >
              {title || each}
            </button>
            <span class="number">{shownScore(score)}</span>
            {each === item && explanation && <ExplanationView explanation={explanation} />}
          </li>
        ))}
      </ol>
    </>
  )
}

/** The items that the user interacted with. */
export function History({ person, onItem }: Props) {
  const data = state.data.value
  if (!data) return null
  return (
    <>
      <h3>
        <span class="ring history" /> Their {whole(person.history.length)} items
      </h3>
      <ul class="chips">
        {person.history.slice(0, 12).map((place) => (
          <li key={place}>
            <button type="button" class="quiet" onClick={() => onItem(data.items[place] ?? '')}>
              {data.titles[place]}
            </button>
          </li>
        ))}
        {person.history.length > 12 && <li>and {whole(person.history.length - 12)} more</li>}
      </ul>
    </>
  )
}
