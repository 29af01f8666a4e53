import { SingleBar } from 'cli-progress'
import { percent } from './numbers.ts'
import type { Progress } from './progress.ts'
import { style } from './style.ts'
import { width } from './table.ts'
import { visible, visibleCell } from './visible.ts'

/** Fraction of the line that the bar takes, and its largest width. */
const PART = 1 / 6
const LONGEST = 24

/** Draws a bar ten times a second and removes it at the end. */
export function bar(stream: NodeJS.WriteStream, label: string, progress: () => Progress): () => void {
  const color = style(stream)
  // Some terminals do not report their size.
  const columns = () => stream.columns || 80
  const drawn = (fraction: number) => {
    const length = Math.min(Math.floor(columns() * PART), LONGEST)
    const full = Math.floor(fraction * length)
    return color.cyan('█'.repeat(full)) + color.dim('░'.repeat(length - full))
  }
  const name = visibleCell(label)
  const line = () => {
    const { fraction, facts } = progress()
    const start = fraction === undefined ? [name] : [name, drawn(fraction), percentOf(fraction)]
    return visible(fitted(start, facts.map(visibleCell), columns()))
  }
  const single = new SingleBar({ format: line, stream, clearOnComplete: true, hideCursor: true, fps: 10 })
  const stop = () => {
    single.stop()
    process.off('exit', stop)
  }
  // The cursor comes back when the process exits early.
  process.on('exit', stop)
  single.start(1, 0)
  return stop
}

function percentOf(fraction: number): string {
  // Rounded down: 100 % means done.
  return percent(Math.floor(fraction * 100) / 100).padStart(5)
}

/** As many of the facts as fit into a line. */
function fitted(start: readonly string[], facts: readonly string[], columns: number): string {
  let line = start.join(' ')
  for (const fact of facts) {
    const longer = `${line}  ${fact}`
    if (width(longer) >= columns) break
    line = longer
  }
  return line
}
