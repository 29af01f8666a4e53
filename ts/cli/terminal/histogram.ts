import type { RatingsInfo } from '../../index.ts'
import { count, percent, single } from './numbers.ts'
import type { Style } from './style.ts'
import { table } from './table.ts'

/** Columns of the longest bar. */
const LONGEST = 40
/** Blocks of one to eight eighths of a column. */
const BLOCKS = '▏▎▍▌▋▊▉█'

/** The number of ratings of each value, as bars. */
export function histogram(counts: RatingsInfo['histogram'], color: Style): string {
  const most = Math.max(...counts.map(({ count }) => count))
  const all = counts.reduce((sum, { count }) => sum + count, 0)
  const rows = counts.map((bin) => [
    'value' in bin ? single(bin.value) : `${figure(bin.from)} to ${figure(bin.to)}`,
    color.cyan(barOf(bin.count / most)),
    count(bin.count),
    color.dim(percent(bin.count / all)),
  ])
  return table(rows, ['right', 'left', 'right', 'right'])
}

function barOf(fraction: number): string {
  const eighths = Math.round(fraction * LONGEST * 8)
  return '█'.repeat(Math.floor(eighths / 8)) + (BLOCKS[(eighths % 8) - 1] ?? '')
}

function figure(value: number): string {
  return String(Number(value.toPrecision(4)))
}
