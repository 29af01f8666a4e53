import type { Example } from '../page/content.ts'
import { randomNumbers } from '../random.ts'

/** A user and its number of training rows. */
export interface Active {
  readonly user: string
  readonly rows: number
}

/** A user that is shown as an example. */
export type Shown = Active & Pick<Example, 'activity'>

/** Three users, with few, a median number of, and many rows: each sampled by the seed from a tenth of all. */
export function shownUsers(users: readonly Active[], seed: number): Shown[] {
  const sorted = [...users].sort((a, b) => a.rows - b.rows || (a.user < b.user ? -1 : 1))
  const random = randomNumbers(seed)
  const tenth = Math.max(1, Math.floor(sorted.length / 10))
  const starts = { few: 0, median: Math.floor((sorted.length - tenth) / 2), many: sorted.length - tenth } as const
  const shown: Shown[] = []
  for (const activity of ['few', 'median', 'many'] as const) {
    const among = sorted.slice(starts[activity], starts[activity] + tenth)
    const one = among[Math.floor(random() * among.length)]
    if (one && !shown.some(({ user }) => user === one.user)) shown.push({ ...one, activity })
  }
  return shown
}
