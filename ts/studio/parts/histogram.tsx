import { counted, short, whole } from '../numbers.ts'

export interface Bar {
  readonly label: string
  readonly count: number
}

/** Counts as bars, each with its number for those who do not see them. */
export function Histogram({ title, bars, unit }: { title: string; bars: readonly Bar[]; unit: string }) {
  const highest = Math.max(...bars.map(({ count }) => count), 1)
  const every = Math.ceil(bars.length / 8)
  return (
    <figure class="histogram">
      <figcaption>{title}</figcaption>
      <ol>
        {bars.map(({ label, count }, index) => (
          <li key={label} title={`${label}: ${counted(count, unit)}`}>
            <span class="bar" style={{ height: `${(100 * count) / highest}%` }} />
            <span class="count">{bars.length <= 12 ? short(count) : ''}</span>
            <span class="label">{index % every === 0 ? label : ''}</span>
            <span class="unseen">{counted(count, unit)}</span>
          </li>
        ))}
      </ol>
    </figure>
  )
}

/** Numbers of interactions in bins that double: 1, 2–3, 4–7 … */
export function doubling(counts: ArrayLike<number>): Bar[] {
  const bins: number[] = []
  for (let index = 0; index < counts.length; index++) {
    const count = counts[index] ?? 0
    const bin = count === 0 ? 0 : Math.floor(Math.log2(count)) + 1
    bins[bin] = (bins[bin] ?? 0) + 1
  }
  const first = bins.findIndex((count) => count > 0)
  return Array.from(bins, (count = 0, bin) => ({ label: binLabel(bin), count })).slice(Math.max(first, 0))
}

function binLabel(bin: number): string {
  if (bin === 0) return '0'
  if (bin === 1) return '1'
  const shown = bin > 13 ? short : whole
  return `${shown(2 ** (bin - 1))}–${shown(2 ** bin - 1)}`
}
