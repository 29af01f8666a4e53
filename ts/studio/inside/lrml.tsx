import { LRML } from 'tastespace'
import { metric } from '../numbers.ts'
import { useAnswer } from '../parts/answer.ts'
import type { InsideProps } from './props.ts'
import { useRecommended } from './recommended.tsx'
import { tensorsOf } from './tensors.ts'

/** The memory of LRML: what each slot stands for, and the relation that it gives a pair. */
export function LRMLInside(props: InsideProps) {
  const { run } = props
  const slots = useAnswer(() => (run.model instanceof LRML ? run.model.slots({ k: 4 }) : undefined), [run.id])
  return (
    <>
      <Relation {...props} />
      <section class="card">
        <h2>Slots of the memory</h2>
        <p class="hint">
          The items that attend most to each slot{slots?.some(({ words }) => words.length > 0) && ', and their genres'}.
          A share is the mean attention over training pairs.
        </p>
        <div class="slots">
          {slots?.map(({ slot, share, items, words }) => (
            <article key={slot}>
              <h3>
                Slot {slot} <small>{(share * 100).toFixed(1)} %</small>
              </h3>
              <span class="share" style={{ width: `${Math.min(100, share * slots.length * 50)}%` }} />
              <ul>
                {items.slice(0, 3).map(({ item, title }) => (
                  <li key={item}>{title || item}</li>
                ))}
              </ul>
              {words.length > 0 && (
                <p>
                  {words
                    .slice(0, 3)
                    .map(({ name, times }) => `${name} ×${times.toFixed(2)}`)
                    .join(' · ')}
                </p>
              )}
            </article>
          ))}
        </div>
      </section>
    </>
  )
}

interface Geometry {
  /** Distances of user to item without and with the relation, and the relation's length. */
  readonly without: number
  readonly withRelation: number
  readonly length: number
  readonly attention: readonly number[]
}

function Relation({ run, user }: InsideProps) {
  const recommended = useRecommended(run, user)
  const pair = recommended?.pair
  const geometry = useAnswer(
    () => (run.model instanceof LRML && pair ? geometryOf(run.model, user, pair.item) : undefined),
    [run.id, user, pair?.item],
  )
  if (!recommended || !pair) return null
  const highest = Math.max(1e-9, ...(geometry?.attention ?? []))
  return (
    <section class="card split-card">
      <figure>
        {geometry && <Triangle {...geometry} user={user} title={pair.title || pair.item} />}
        <figcaption>
          From the user p the relation r leads to p + r; the nearer that is to the item q, the better q ranks. Lengths
          and angles are true: three points lie in a plane.
        </figcaption>
      </figure>
      <div>
        {recommended.field}
        <h3>Attention of the pair over the slots</h3>
        <ol class="bars">
          {geometry?.attention.map((value, slot) => (
            <li key={`slot ${slot + 1}`} title={`slot ${slot + 1}: ${metric(value)}`}>
              <span style={{ height: `${(100 * value) / highest}%` }} />
              <small>{slot + 1}</small>
              <span class="unseen">{metric(value)}</span>
            </li>
          ))}
        </ol>
      </div>
    </section>
  )
}

async function geometryOf(model: LRML, user: string, item: string): Promise<Geometry> {
  const [explanation, tensors, info] = await Promise.all([model.explain(user, item), tensorsOf(model), model.info()])
  const attention = explanation.weights.find(({ name }) => name === 'attention')?.values[0] ?? []
  const memory = tensors.get('memory')
  const dimension = memory?.shape[1] ?? 0
  // r = Σ aᵢ mᵢ, clipped to its radius.
  let squares = 0
  for (let d = 0; d < dimension; d++) {
    const part = attention.reduce((sum, weight, slot) => sum + weight * (memory?.values[slot * dimension + d] ?? 0), 0)
    squares += part * part
  }
  const radius = Number(info.options.relationRadius)
  const part = (name: string) => explanation.parts.find((each) => each.name === name)?.value ?? 0
  const distance = (score: number) => (info.options.distance === 'squared' ? Math.sqrt(Math.max(0, -score)) : -score)
  return {
    without: distance(part('withoutRelation')),
    withRelation: distance(part('withoutRelation') + part('relation')),
    length: radius > 0 ? Math.min(Math.sqrt(squares), radius) : Math.sqrt(squares),
    attention,
  }
}

const WIDTH = 420
const HEIGHT = 220

function Triangle({
  without,
  withRelation,
  length,
  user,
  title,
}: Geometry & { readonly user: string; readonly title: string }) {
  // p at the left, q at the right; where p + r lies follows from the three lengths.
  const along = without > 0 ? (without ** 2 + length ** 2 - withRelation ** 2) / (2 * without) : 0
  const across = Math.sqrt(Math.max(0, length ** 2 - along ** 2))
  const [left, right] = [Math.min(0, along), Math.max(without, along)]
  const scale = Math.min((WIDTH - 90) / (right - left || 1), (HEIGHT - 90) / (across || 1e-9))
  const x = (value: number) => 40 + (value - left) * scale
  const base = HEIGHT - 48
  const [px, qx, rx, ry] = [x(0), x(without), x(along), base - across * scale]
  return (
    <svg
      class="triangle"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      role="img"
      aria-label={`User ${user}, relation and ${title}`}
    >
      <defs>
        <marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
          <path d="M0 0L8 4L0 8z" class="tip" />
        </marker>
      </defs>
      <line class="without" x1={px} y1={base} x2={qx} y2={base} />
      <line class="with" x1={rx} y1={ry} x2={qx} y2={base} />
      <line class="relation" x1={px} y1={base} x2={rx} y2={ry} marker-end="url(#arrow)" />
      <circle class="user" cx={px} cy={base} r={6} />
      <circle class="item" cx={qx} cy={base} r={6} />
      <text x={px} y={base + 34} text-anchor="middle">
        p
      </text>
      <text x={qx} y={base + 34} text-anchor="end">
        q: {title}
      </text>
      <text x={(px + qx) / 2} y={base + 15} text-anchor="middle" class="small">
        {metric(without)}
      </text>
      <text x={(rx + qx) / 2 + 6} y={(ry + base) / 2 - 9} class="small">
        {metric(withRelation)}
      </text>
      <text x={rx} y={ry - 10} text-anchor="middle">
        p + r <tspan class="small">({metric(length)})</tspan>
      </text>
    </svg>
  )
}
