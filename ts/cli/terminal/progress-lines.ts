import { percent } from './numbers.ts'
import { tell } from './output.ts'
import type { Progress } from './progress.ts'

/** Milliseconds between checks. */
const LOOK = 250
/** Shortest time between two lines, in seconds. */
const QUIET = 2
/** Longest time between two lines, in seconds. */
const PATIENCE = 10

/** Writes a line at every tenth of the work, for logs: none for short work, one every few seconds for slow work. */
export function lines(label: string, progress: () => Progress): () => void {
  let last = performance.now()
  let tenths = 0
  const look = () => {
    const { fraction, facts } = progress()
    const since = (performance.now() - last) / 1000
    const reached = Math.floor((fraction ?? 0) * 10)
    if (since < QUIET || (reached === tenths && since < PATIENCE)) return
    last = performance.now()
    tenths = reached
    tell([label, ...(fraction === undefined ? [] : [percent(fraction)]), ...facts].join('  '))
  }
  const timer = setInterval(look, LOOK)
  return () => clearInterval(timer)
}
