import { type AnyModel, ItemSimilarityModel } from 'tastespace'
import { metric } from '../numbers.ts'
import { useAnswer } from '../parts/answer.ts'
import type { Liked } from '../you/liked.ts'

/** Which of the visitor's items are nearest to a recommended one, by the model. */
export function Reasons({ model, item, liked }: { model: AnyModel; item: string; liked: readonly Liked[] }) {
  const nearest = useAnswer(() => nearestOf(model, item, liked), [model, item, JSON.stringify(liked)])
  if (!nearest) return null
  if (nearest.length === 0) return <p class="hint">Not by a single item of yours.</p>
  return (
    <p class="why">
      Near to{' '}
      {nearest.map(({ title, score }, index) => (
        <span key={title}>
          {index > 0 && ', '}
          {title} <small>({metric(score)})</small>
        </span>
      ))}
    </p>
  )
}

async function nearestOf(model: AnyModel, item: string, liked: readonly Liked[]) {
  if (!(model instanceof ItemSimilarityModel)) return []
  const similar = await model.similarItems(item, { k: 200 })
  const titles = new Map(liked.map((each) => [each.item, each.title]))
  return similar
    .flatMap((each) => {
      const title = titles.get(each.item)
      return title && each.score > 0 ? [{ title, score: each.score }] : []
    })
    .slice(0, 3)
}
