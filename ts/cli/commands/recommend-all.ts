import { stat } from 'node:fs/promises'
import { type Model, type RecommendOptions, writeFile } from '../../index.ts'
import { csvField } from '../../report/csv.ts'
import type { EngineFlags } from '../flags/common.ts'
import { bytes, count, counted, duration, milliseconds, rate, short } from '../terminal/numbers.ts'
import type { EngineJob } from './run.ts'
import type { Titles } from './titles.ts'

/** Options of the recommendations, and titles of the items. */
export interface Query {
  readonly options: RecommendOptions
  readonly titles: Titles
  /** Unknown items that were left out. */
  readonly skipped: readonly string[]
  /** Whether spreadsheets must take no id or title of a CSV file for a formula. */
  readonly spreadsheetSafe: boolean
}

/** Writes the lists of all users to a file, completely or not at all, a batch of users at a time. */
export async function recommendToAll(
  { console }: EngineJob<EngineFlags>,
  model: Model,
  out: string,
  { options, titles, spreadsheetSafe }: Query,
): Promise<void> {
  const [users, items] = [await model.userIds(), await model.itemIds()]
  const format = /\.jsonl$/i.test(out)
    ? jsonLines
    : csv(titles.size > 0, spreadsheetSafe ? unformulated : (text) => text)
  const started = performance.now()
  const seconds = () => (performance.now() - started) / 1000
  let done = 0
  let rows = 0

  async function* pieces(): AsyncGenerator<string> {
    yield format.header
    for await (const { from, items: indices, scores, ends } of model.recommendAll(options)) {
      let text = ''
      ends.forEach((end, query) => {
        const start = query === 0 ? 0 : (ends[query - 1] ?? 0)
        for (let at = start; at < end; at++) {
          const item = items[indices[at] ?? 0] ?? ''
          text += format.row(users[from + query] ?? '', at - start + 1, item, scores[at] ?? 0, titles.get(item))
        }
      })
      yield text
      rows += indices.length
      done += ends.length
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
  await console.result(
    { model: model.kind, out, users: users.length, rows, bytes: size, seconds: milliseconds(seconds()) },
    () => {
      const lists = `${counted(rows, 'row')} for ${counted(users.length, 'user')}`
      return `${lists} written to ${console.resultStyle.bold(out)} (${bytes(size)}) in ${duration(seconds())}`
    },
  )
}

interface Format {
  readonly header: string
  row(user: string, rank: number, item: string, score: number, title: string | undefined): string
}

const jsonLines: Format = {
  header: '',
  row: (user, rank, item, score, title) =>
    `${JSON.stringify({ user, rank, item, score: short(score), ...(title !== undefined && { title }) })}\n`,
}

/** `safe` is applied to ids and titles. */
function csv(titles: boolean, safe: (text: string) => string): Format {
  const names = ['user', 'rank', 'item', 'score', ...(titles ? ['title'] : [])]
  return {
    header: `${names}\n`,
    row: (user, rank, item, score, title = '') => {
      const fields = [
        csvField(safe(user)),
        rank,
        csvField(safe(item)),
        short(score),
        ...(titles ? [csvField(safe(title))] : []),
      ]
      return `${fields}\n`
    },
  }
}

/** Beginnings that spreadsheets take for that of a formula, also in their full-width forms. */
const FORMULA = /^[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]/

/** A text that spreadsheets show as it is: with an apostrophe before what they would compute. Numbers are left alone. */
function unformulated(text: string): string {
  return FORMULA.test(text) && !/^[+-]?[\d.]+$/.test(text) ? `'${text}` : text
}
