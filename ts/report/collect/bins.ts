import type { DatasetInfo } from '../../index.ts'
import type { Bin } from '../page/content.ts'

/** Numbers of rows in bins of doubling width: 1, 2 to 3, 4 to 7. Empty bins at both ends are left out. */
export function doublingBins(counts: Iterable<number>): Bin[] {
  const bins: number[] = []
  for (const count of counts) {
    if (count < 1) continue
    const bin = Math.floor(Math.log2(count))
    bins[bin] = (bins[bin] ?? 0) + 1
  }
  const all = Array.from(bins, (count = 0, bin): Bin => ({ from: 2 ** bin, to: 2 ** (bin + 1) - 1, count }))
  return all.slice(all.findIndex(({ count }) => count > 0))
}

/** The ratings of a data set in bins. */
export function ratingBins({ ratings }: DatasetInfo): Bin[] {
  if (!ratings) return []
  return ratings.histogram.map((bin) =>
    'value' in bin ? { from: bin.value, to: bin.value, count: bin.count } : { ...bin },
  )
}
