import { useSignal } from '@preact/signals'
import type { AnyModel } from 'tastespace'
import type { Data } from '../data/data.ts'
import { metric, whole } from '../numbers.ts'
import { useAnswer } from '../parts/answer.ts'
import { Histogram } from '../parts/histogram.tsx'
import type { InsideProps } from './props.ts'
import { tensorsOf } from './tensors.ts'

/** What a model says of items and users before it knows anything of their tastes. */
export function BiasesInside({ run, data }: InsideProps) {
  const tensors = useAnswer(() => biasesOf(run.model, data), [run.id, data])
  const least = useSignal(5)
  if (!tensors) return null
  const { items, users, mean } = tensors
  const known = [...items.keys()].filter((item) => (data.rowsPerItem[item] ?? 0) >= least.value)
  const sorted = known.sort((a, b) => (items[b] ?? 0) - (items[a] ?? 0))
  return (
    <>
      <section class="card histograms">
        {mean !== undefined && (
          <dl class="tiles">
            <div>
              <dt>mean rating</dt>
              <dd>{mean.toFixed(3)}</dd>
            </div>
          </dl>
        )}
        <Histogram title="Biases of the items" bars={bins(items)} unit="item" />
        {users && <Histogram title="Biases of the users" bars={bins(users)} unit="user" />}
      </section>
      <section class="card">
        <label>
          <span>Items with at least this many interactions</span>
          <input
            type="number"
            min={0}
            value={least.value}
            onChange={(event) => {
              least.value = Math.max(0, Number(event.currentTarget.value))
            }}
          />
        </label>
        <div class="split-card">
          <BiasList title="Highest biases" items={sorted.slice(0, 10)} biases={items} data={data} />
          <BiasList title="Lowest biases" items={sorted.slice(-10).reverse()} biases={items} data={data} />
        </div>
      </section>
    </>
  )
}

async function biasesOf(model: AnyModel, data: Data) {
  const [tensors, ids] = await Promise.all([tensorsOf(model), model.itemIds()])
  const values = tensors.get('item_biases')?.values
  if (!values) return undefined
  // A model may number its items differently from the data.
  const places = new Map(ids.map((id, place) => [id, place]))
  const items = Float32Array.from(data.items, (id) => values[places.get(id) ?? -1] ?? 0)
  return { items, users: tensors.get('user_biases')?.values, mean: tensors.get('mean')?.values[0] }
}

function bins(values: Float32Array) {
  const COUNT = 16
  const highest = Math.max(
    1e-6,
    values.reduce((most, value) => Math.max(most, Math.abs(value)), 0),
  )
  const counts = new Uint32Array(COUNT)
  for (const value of values) {
    const bin = Math.min(COUNT - 1, Math.floor(((value + highest) / (2 * highest)) * COUNT))
    counts[bin] = (counts[bin] ?? 0) + 1
  }
  return Array.from(counts, (count, bin) => {
    const from = -highest + (bin * 2 * highest) / COUNT
    return { label: from.toFixed(2), count }
  })
}

function BiasList({
  title,
  items,
  biases,
  data,
}: {
  title: string
  items: readonly number[]
  biases: Float32Array
  data: Data
}) {
  return (
    <div>
      <h3>{title}</h3>
      <ol class="list">
        {items.map((item) => (
          <li key={item}>
            <span>
              {data.titles[item]} <small>{whole(data.rowsPerItem[item] ?? 0)} ×</small>
            </span>
            <span class="number">{metric(biases[item])}</span>
          </li>
        ))}
      </ol>
    </div>
  )
}
