import { stat } from 'node:fs/promises'
import { type Model, type Scored, writeFile } from '../index.ts'
import { bytes, count, counted, duration, milliseconds, rate, short } from './figures.ts'
import type { EngineFlags } from './flags.ts'
import type { EngineJob } from './job.ts'
import type { Query } from './recommend.ts'
import { titled } from './titles.ts'

/** Users whose lists are in memory at a time. */
const BATCH = 1024

/** Writes everyone's list to a file, whole or not at all, a batch of users at a time. */
export async function recommendToAll(
  { console }: EngineJob<EngineFlags>,
  model: Model,
  out: string,
  { options, titles }: Query,
): Promise<void> {
  const users = await model.users()
  const format = /\.jsonl$/i.test(out) ? jsonLines : csv(titles.size > 0)
  const started = performance.now()
  const seconds = () => (performance.now() - started) / 1000
  let done = 0
  let rows = 0

  async function* pieces(): AsyncGenerator<string> {
    yield format.header
    for (; done < users.length; done += BATCH) {
      const batch = users.slice(done, done + BATCH)
      const lists = await model.recommend(batch, options)
      for (const list of lists) rows += list.length
      yield batch
        .flatMap((user, place) =>
          titled(lists[place] ?? [], titles).map((scored, rank) => format.row(user, rank + 1, scored)),
        )
        .join('')
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
  row(user: string, rank: number, scored: Scored): string
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
