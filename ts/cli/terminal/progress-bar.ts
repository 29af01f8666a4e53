import { SingleBar } from 'cli-progress'
import { percent } from './numbers.ts'
import type { Progress } from './progress.ts'
import { style } from './style.ts'
import { width } from './table.ts'

/** Part of the line that the bar takes, and its most columns. */
const PART = 1 / 6
const LONGEST = 24

/** Draws a bar ten times a second, and takes it away at the end. */
export function bar(stream: NodeJS.WriteStream, label: string, progress: () => Progress): () => void {
  const color = style(stream)
  // Some terminals do not know their size.
  const columns = () => stream.columns || 80
  const drawn = (fraction: number) => {
    const length = Math.min(Math.floor(columns() * PART), LONGEST)
    const full = Math.floor(fraction * length)
    return color.cyan('█'.repeat(full)) + color.dim('░'.repeat(length - full))
  }
  const line = () => {
    const { fraction, facts } = progress()
    const start = fraction === undefined ? [label] : [label, drawn(fraction), percentOf(fraction)]
    return fitted(start, facts, columns())
  }
  const single = new SingleBar({ format: line, stream, clearOnComplete: true, hideCursor: true, fps: 10 })
  const stop = () => {
    single.stop()
    process.off('exit', stop)
  }
  // A process that is told to exit in the midst of it gives the cursor back.
  process.on('exit', stop)
  single.start(1, 0)
  return stop
}

function percentOf(fraction: number): string {
  // Rounded down: 100 % is when all is done.
  return percent(Math.floor(fraction * 100) / 100).padStart(5)
}

/** As many of the facts as a line of the terminal holds. */
function fitted(start: readonly string[], facts: readonly string[], columns: number): string {
  let line = start.join(' ')
  for (const fact of facts) {
    const longer = `${line}  ${fact}`
    if (width(longer) >= columns) break
    line = longer
  }
  return line
}
