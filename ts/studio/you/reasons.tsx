import type { AnyModel, Explanation } from 'tastespace'
import { metric } from '../numbers.ts'
import { useAnswer } from '../parts/answer.ts'
import { historyOf, type Liked } from './liked.ts'

/** Which of the visitor's items speak for a recommended one: what its score loses without each of them. */
export function Reasons({ model, item, liked }: { model: AnyModel; item: string; liked: readonly Liked[] }) {
  const explanation = useAnswer<Explanation>(
    () => model.explainFor(historyOf(liked), item),
    [model, item, JSON.stringify(liked)],
  )
  if (!explanation) return null
  const strongest = explanation.items.filter(({ value }) => value !== 0).slice(0, 4)
  if (strongest.length === 0) return <p class="hint">No single item of your list changes this score.</p>
  return (
    <p class="why">
      What each of your items adds to the score:{' '}
      {strongest.map(({ item: each, title, value }, index) => (
        <span key={each}>
          {index > 0 && ', '}
          {title || each}{' '}
          <small>
            ({value > 0 ? '+' : ''}
            {metric(value)})
          </small>
        </span>
      ))}
    </p>
  )
}
