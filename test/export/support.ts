import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { type AnyModel, createModelByName, Dataset, type ScoredItem } from 'tastespace'
import { afterAll } from 'vitest'

export const folder = mkdtempSync(join(tmpdir(), 'tastespace-export-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Ids that are hard to write: in SQL, in CSV and for COPY. */
const HARD = [
  "o'clock",
  'a\tb',
  'a\nb',
  'a\\b',
  '\\.',
  '\\N',
  ' padded ',
  'a"b',
  'a,b',
  '{"a":1}',
  'ñandú 🎬',
  '-- x',
  ':user',
]
const hard = (number: number) => (HARD[number] === undefined ? String(number) : `${HARD[number]}`)

/** Interactions with such ids and titles, one item without a title, one without interactions in training. */
async function interactions(): Promise<Dataset> {
  const made = await Dataset.synthetic({ users: 60, items: 40, ratings: 900, seed: 2 })
  const rows = (await text(made.toCSV())).trimEnd().split('\n').slice(1)
  const cells = rows.map((row) => row.split(','))
  const columns = {
    user: cells.map(([user]) => hard(Number(user))),
    item: cells.map(([, item]) => hard(Number(item))),
    rating: cells.map(([, , rating]) => Number(rating)),
    time: cells.map(([, , , time]) => Number(time)),
  }
  const titles = Array.from({ length: 39 }, (_, item) => `${quoted(hard(item))},${quoted(`The "${hard(item)}"`)}`)
  return Dataset.fromColumns(columns, { items: new TextEncoder().encode(`item,title\n${titles.join('\n')}\n`) })
}

function quoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`
}

export const data = await interactions()

/** A trained model of a kind. */
export async function trained(kind: string): Promise<AnyModel> {
  const model = await createModelByName(kind)
  await model.fit(data, { epochs: 3 })
  return model
}

/** A list of a database: items, best first, with scores. */
export type Answered = readonly { readonly item: string; readonly title: string | null; readonly score: number }[]

/** How two lists differ, or nothing. Items whose scores are equal to rounding may change places. */
export function difference(expected: readonly ScoredItem[], answered: Answered): string | undefined {
  if (expected.length !== answered.length) return `${answered.length} items, not ${expected.length}`
  for (const [place, { item, title, score }] of expected.entries()) {
    const other = answered[place] as Answered[number]
    if (Math.abs(score - other.score) > 1e-5 * (1 + Math.abs(score))) return `score ${other.score}, not ${score}`
    const tied = expected.some((one) => one.item === other.item && Math.abs(one.score - score) < 1e-5)
    if (other.item !== item && !tied) return `${other.item} in place ${place}, not ${item}`
    if (other.item === item && (other.title ?? undefined) !== title) return `the title ${other.title}, not ${title}`
  }
}
