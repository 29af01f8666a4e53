import { useSignal } from '@preact/signals'
import type { Entity, Explanation } from 'tastespace'
import { usePerson } from '../map/marks.ts'
import { useAnswer } from '../parts/answer.ts'
import { ExplanationView } from '../parts/explanation.tsx'
import { NamedHeatMap } from './heat-map.tsx'
import type { InsideProps } from './props.ts'

/** Attention over the last items, and what each of them gives to a recommendation. */
export function AttentionInside({ run, user }: InsideProps) {
  const person = usePerson(run)
  const chosen = useSignal(0)
  const pair = person?.list[Math.min(chosen.value, (person?.list.length ?? 1) - 1)]
  const explanation = useAnswer<Explanation>(
    () => (pair && person?.user === user ? run.model.explain(user, pair.item) : undefined),
    [run.id, user, pair?.item],
  )
  if (!person || !pair) return null
  return (
    <section class="card split-card">
      <div>
        {explanation?.weights.map(({ name, rows, columns, values }) => (
          <NamedHeatMap
            key={name}
            caption={CAPTIONS[name] ?? name}
            rows={rows.map(nameOf)}
            columns={columns.map(nameOf)}
            values={values}
          />
        ))}
      </div>
      <div>
        <label>
          <span>A recommended item</span>
          <select
            value={String(chosen.value)}
            onChange={(event) => {
              chosen.value = Number(event.currentTarget.value)
            }}
          >
            {person.list.map(({ item, title }, index) => (
              <option key={item} value={String(index)}>
                {title || item}
              </option>
            ))}
          </select>
        </label>
        {explanation && <ExplanationView explanation={explanation} />}
      </div>
    </section>
  )
}

const CAPTIONS: Readonly<Record<string, string>> = {
  attention: 'Attention: how much each item (a row) looks at each other (a column), the latest last',
  shares: 'What each item gives to the short-term taste',
  terms: 'Weights of long and short term',
}

const nameOf = (entity: Entity) => ('item' in entity ? entity.title || entity.item : (ROWS[entity.name] ?? entity.name))

const ROWS: Readonly<Record<string, string>> = { all: 'short-term taste' }
