import { stat } from 'node:fs/promises'
import { type Model, type RecommendOptions, type ScoredItem, writeFile } from '../../index.ts'
import type { EngineFlags } from '../flags/common.ts'
import { bytes, count, counted, duration, milliseconds, rate, short } from '../terminal/numbers.ts'
import type { EngineJob } from './run.ts'
import { type Titles, titled } from './titles.ts'

/** What is asked of the model, and the titles that go with the answer. */
export interface Query {
  readonly options: RecommendOptions
  readonly titles: Titles
}

/** Rows whose lists are in memory at a time, about, and users at most: enough work for many threads. */
const ROWS_AT_ONCE = 65_536
const USERS_AT_ONCE = 4096

/** Writes everyone's list to a file, whole or not at all, a batch of users at a time. */
export async function recommendToAll(
  { console }: EngineJob<EngineFlags>,
  model: Model,
  out: string,
  { options, titles }: Query,
): Promise<void> {
  const users = await model.userIds()
  const batch = Math.min(Math.ceil(ROWS_AT_ONCE / (options.k ?? 1)), USERS_AT_ONCE)
  const format = /\.jsonl$/i.test(out) ? jsonLines : csv(titles.size > 0)
  const started = performance.now()
  const seconds = () => (performance.now() - started) / 1000
  let done = 0
  let rows = 0

  /** A batch of users with their lists; empty after the last. */
  async function listsFrom(first: number) {
    const some = users.slice(first, first + batch)
    return { some, lists: some.length === 0 ? [] : await model.recommend(some, options) }
  }

  async function* pieces(): AsyncGenerator<string> {
    yield format.header
    let next = listsFrom(0)
    while (done < users.length) {
      const { some, lists } = await next
      // The engine is at the next ones while these are written down.
      next = listsFrom(done + batch)
      // Where writing fails nobody asks for them any more.
      next.catch(() => {})
      for (const list of lists) rows += list.length
      yield some
        .flatMap((user, place) =>
          titled(lists[place] ?? [], titles).map((scored, rank) => format.row(user, rank + 1, scored)),
        )
        .join('')
      done += some.length
    }
  }

  const stop = console.progress('Recommending', () => ({
    fraction: done / users.length,
    facts: [`${count(done)} of ${counted(users.length, 'user')}`, `${rate(done / seconds())} users/s`],
  }))
  try {
    await writeFile(out, pieces())
  } finally {
    stop()
  }
  const { size } = await stat(out)
  console.result(
    { model: model.kind, out, users: users.length, rows, bytes: size, seconds: milliseconds(seconds()) },
    () => {
      const lists = `${counted(rows, 'row')} for ${counted(users.length, 'user')}`
      return `${lists} written to ${console.resultStyle.bold(out)} (${bytes(size)}) in ${duration(seconds())}`
    },
  )
}

interface Format {
  readonly header: string
  row(user: string, rank: number, scored: ScoredItem): string
}

const jsonLines: Format = {
  header: '',
  row: (user, rank, { item, score, title }) =>
    `${JSON.stringify({ user, rank, item, score: short(score), ...(title !== undefined && { title }) })}\n`,
}

function csv(titles: boolean): Format {
  const names = ['user', 'rank', 'item', 'score', ...(titles ? ['title'] : [])]
  return {
    header: `${names}\n`,
    row: (user, rank, { item, score, title = '' }) => {
      const fields = [quoted(user), rank, quoted(item), short(score), ...(titles ? [quoted(title)] : [])]
      return `${fields}\n`
    },
  }
}

/** A field as RFC 4180 has it. */
function quoted(text: string): string {
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
