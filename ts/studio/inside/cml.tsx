import { useSignal } from '@preact/signals'
import { CML } from 'tastespace'
import type { Data } from '../data/data.ts'
import { historyOf } from '../map/marks.ts'
import { project } from '../map/pca.ts'
import { metric, whole } from '../numbers.ts'
import { useAnswer } from '../parts/answer.ts'
import type { InsideProps } from './props.ts'

interface Ball {
  /** Squared distances of all items to the user. */
  readonly squared: Float64Array
  /** Directions in which the items lie, for the picture only. */
  readonly angles: Float64Array
  readonly history: readonly number[]
}

/** The user in the middle, items at their true distances: the loss pulls in what the user has and pushes the rest out. */
export function CMLInside({ run, data, user }: InsideProps) {
  const chosen = useSignal(0)
  const ball = useAnswer(
    () => (run.model instanceof CML ? ballOf(run.model, data, user) : undefined),
    [run.id, user, data],
  )
  const options = useAnswer(async () => (await run.model.info()).options, [run.id])
  if (!ball || !options) return null
  const margin = Number(options.margin)
  const history = [...ball.history].sort((a, b) => (ball.squared[a] ?? 0) - (ball.squared[b] ?? 0))
  const positive = history[Math.min(chosen.value, history.length - 1)]
  if (positive === undefined) return <p class="card">This user has no items in training.</p>
  const inside = (ball.squared[positive] ?? 0) + margin
  const had = new Set(ball.history)
  const impostors = [...ball.squared.keys()]
    .filter((item) => !had.has(item) && (ball.squared[item] ?? 0) < inside)
    .sort((a, b) => (ball.squared[a] ?? 0) - (ball.squared[b] ?? 0))
  return (
    <section class="card split-card">
      <figure>
        <BallPicture ball={ball} positive={positive} margin={margin} had={had} data={data} />
        <figcaption>
          Each item at its distance from user {user}. The inner ring goes through the chosen item, the outer one is the
          margin ({margin}) beyond it: other items between them and the user are impostors, which the loss pushes out.
          Directions are those of the map.
        </figcaption>
      </figure>
      <div>
        <label>
          <span>An item of the user</span>
          <select
            value={String(positive)}
            onChange={(event) => {
              chosen.value = history.indexOf(Number(event.currentTarget.value))
            }}
          >
            {history.map((item) => (
              <option key={item} value={String(item)}>
                {data.titles[item]} ({metric(Math.sqrt(ball.squared[item] ?? 0))})
              </option>
            ))}
          </select>
        </label>
        <h3>
          <span class="ring selected" /> {whole(impostors.length)} of {whole(data.items.length - had.size)} other items
          are impostors
        </h3>
        <ol class="list">
          {impostors.slice(0, 12).map((item) => (
            <li key={item}>
              <span>{data.titles[item]}</span>
              <span class="number">{metric(Math.sqrt(ball.squared[item] ?? 0))}</span>
            </li>
          ))}
        </ol>
      </div>
    </section>
  )
}

async function ballOf(model: CML, data: Data, user: string): Promise<Ball> {
  const [users, items, history] = await Promise.all([model.userVectors(), model.itemVectors(), historyOf(data, user)])
  const { dimension } = items
  const row = users.ids.indexOf(user)
  const vector = users.vectors.subarray(row * dimension, (row + 1) * dimension)
  const differences = new Float32Array(items.vectors)
  const squared = new Float64Array(items.ids.length)
  for (let item = 0; item < squared.length; item++) {
    let sum = 0
    for (let d = 0; d < dimension; d++) {
      const difference = (items.vectors[item * dimension + d] ?? 0) - (vector[d] ?? 0)
      differences[item * dimension + d] = difference
      sum += difference * difference
    }
    squared[item] = sum
  }
  const { xy } = project(differences, dimension)
  const angles = Float64Array.from(squared, (_, item) => Math.atan2(xy[item * 2 + 1] ?? 0, xy[item * 2] ?? 0))
  return { squared, angles, history }
}

const SIZE = 420

interface PictureProps {
  readonly ball: Ball
  readonly positive: number
  readonly margin: number
  readonly had: ReadonlySet<number>
  readonly data: Data
}

function BallPicture({ ball, positive, margin, had, data }: PictureProps) {
  const { squared, angles } = ball
  const farthest = Math.sqrt(squared.reduce((a, b) => Math.max(a, b), 0)) || 1
  const middle = SIZE / 2
  const radius = (value: number) => (Math.sqrt(value) / farthest) * (middle - 12)
  const at = (item: number) => {
    const length = radius(squared[item] ?? 0)
    const angle = angles[item] ?? 0
    return { cx: middle + length * Math.cos(angle), cy: middle + length * Math.sin(angle) }
  }
  const near = squared[positive] ?? 0
  // A picture has room for some thousand points.
  const step = Math.max(1, Math.ceil(squared.length / 2500))
  return (
    <svg class="ball" viewBox={`0 0 ${SIZE} ${SIZE}`} role="img" aria-label="Items around the user by distance">
      <circle class="beyond" cx={middle} cy={middle} r={radius(near + margin)} />
      <circle class="within" cx={middle} cy={middle} r={radius(near)} />
      {[...squared.keys()].map((item) => {
        if (had.has(item) || (item % step !== 0 && (squared[item] ?? 0) >= near + margin)) return null
        return (
          <circle key={item} {...at(item)} r={2.4} class={(squared[item] ?? 0) < near + margin ? 'impostor' : 'other'}>
            <title>{data.titles[item]}</title>
          </circle>
        )
      })}
      {[...had].map((item) => (
        <circle
          key={item}
          {...at(item)}
          r={item === positive ? 6 : 3.6}
          class={item === positive ? 'positive chosen' : 'positive'}
        >
          <title>{data.titles[item]}</title>
        </circle>
      ))}
      <circle class="user" cx={middle} cy={middle} r={6} />
    </svg>
  )
}
