import type { AnyModel, Explanation, Kind } from 'tastespace'
import { AttentionTables } from '../inside/attention.tsx'
import { useAnswer } from '../parts/answer.ts'
import { historyOf, type Liked } from './liked.ts'

const SEQUENTIAL: readonly Kind[] = ['attrec', 'sasrec']

interface Props {
  readonly model: AnyModel
  readonly item: string
  readonly liked: readonly Liked[]
}

/** Attention of a sequential model over the visitor's list. It changes as items are added. */
export function OwnAttention({ model, item, liked }: Props) {
  const explanation = useAnswer<Explanation>(
    () => (SEQUENTIAL.includes(model.kind) ? model.explainFor(historyOf(liked), item) : undefined),
    [model, item, JSON.stringify(liked)],
  )
  return explanation && <AttentionTables weights={explanation.weights} />
}
