import type { Entity, Explanation } from 'tastespace'
import { useAnswer } from '../parts/answer.ts'
import { ExplanationView } from '../parts/explanation.tsx'
import { NamedHeatMap } from './heat-map.tsx'
import type { InsideProps } from './props.ts'
import { useRecommended } from './recommended.tsx'

/** Attention over the last items, and what each of them gives to a recommendation. */
export function AttentionInside({ run, user }: InsideProps) {
  const recommended = useRecommended(run, user)
  const item = recommended?.pair.item
  const explanation = useAnswer<Explanation>(
    () => (item === undefined ? undefined : run.model.explain(user, item)),
    [run.id, user, item],
  )
  if (!recommended) return null
  return (
    <section class="card split-card">
      <div>{explanation && <AttentionTables weights={explanation.weights} />}</div>
      <div>
        {recommended.field}
        {explanation && <ExplanationView explanation={explanation} />}
      </div>
    </section>
  )
}

/** The tables of an explanation, such as attention. */
export function AttentionTables({ weights }: Pick<Explanation, 'weights'>) {
  return weights.map(({ name, rows, columns, values }) => (
    <NamedHeatMap
      key={name}
      caption={captionOf(name, rows)}
      rows={rows.map(nameOf)}
      columns={columns.map(nameOf)}
      values={values}
    />
  ))
}

function captionOf(name: string, rows: readonly Entity[]): string {
  if (name === 'attention' && rows.every((row) => 'item' in row)) {
    return 'Attention: how much each item (a row) looks at each other (a column), the latest last'
  }
  return CAPTIONS[name] ?? name
}

const CAPTIONS: Readonly<Record<string, string>> = {
  attention: 'Attention: how much the latest item looks at each, by block',
  shares: 'What each item gives to the short-term taste',
  terms: 'Weights of long and short term',
}

const nameOf = (entity: Entity) => ('item' in entity ? entity.title || entity.item : (ROWS[entity.name] ?? entity.name))

const ROWS: Readonly<Record<string, string>> = { all: 'short-term taste' }
