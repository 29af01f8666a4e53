import { whole } from '../numbers.ts'
import { doubling, Histogram } from '../parts/histogram.tsx'
import type { InsideProps } from './props.ts'

/** Popularity knows how often each item was chosen, and nothing else. */
export function PopularityInside({ data }: InsideProps) {
  const order = [...data.rowsPerItem.keys()].sort((a, b) => (data.rowsPerItem[b] ?? 0) - (data.rowsPerItem[a] ?? 0))
  return (
    <section class="card split-card">
      <Histogram title="Interactions of an item" bars={doubling(data.rowsPerItem)} unit="item" />
      <ol class="list">
        {order.slice(0, 12).map((item) => (
          <li key={item}>
            <span>{data.titles[item]}</span>
            <span class="number">{whole(data.rowsPerItem[item] ?? 0)}</span>
          </li>
        ))}
      </ol>
    </section>
  )
}
