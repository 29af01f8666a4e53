// Writes a small model file of every kind, as this version makes it, and what it answers: test/fixtures/models/VERSION.
// Files that are there stay as they are: later versions have to read them and give the same answers.
import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { createModel, Dataset, describe, KINDS } from '../dist/index.mjs'

const { version, format } = await describe()
const folder = new URL(`../test/fixtures/models/${version}/`, import.meta.url)
await mkdir(folder, { recursive: true })

const titles = Array.from(
  { length: 24 },
  (_, item) => `i${item},"Film ${item}, the ${item % 3 ? 'first' : 'last'}",${item % 2 ? 'Drama' : 'Comedy|Crime'}`,
)
const data = await Dataset.fromRows(rows(), { items: Buffer.from(`item,title,genres\n${titles.join('\n')}\n`) })

for (const kind of KINDS) {
  const path = new URL(`${kind}.safetensors`, folder)
  if (existsSync(path)) {
    console.log(`${fileURLToPath(path)} is there already`)
    continue
  }
  const model = await createModel(kind, options(kind))
  await model.fit(data, { epochs: 3, seed: 1 })
  await writeFile(path, await model.toBytes())
  await writeFile(
    new URL(`${kind}.json`, folder),
    `${JSON.stringify({ version, format, ...(await answers(model)) }, null, 1)}\n`,
  )
  console.log(`${fileURLToPath(path)} is written`)
}

/** 30 users and 24 items, with ratings and times. */
function rows() {
  return Array.from({ length: 360 }, (_, row) => ({
    user: `u${(row * 7) % 30}`,
    item: `i${(row * 5 + Math.floor(row / 30) * 7) % 24}`,
    rating: 1 + ((row * 11) % 9) / 2,
    time: 1_600_000_000 + row * 60,
  }))
}

/** Few factors: the files stay in the repository for ever. */
function options(kind) {
  if (kind === 'glocal-k') return { hidden: [6, 6] }
  return ['pop', 'bias', 'ease', 'item-knn'].includes(kind) ? {} : { factors: 8 }
}

/** What every later version has to answer too. */
async function answers(model) {
  const users = ['u0', 'u7', 'u29']
  const history = [
    { item: 'i3', rating: 5 },
    { item: 'i8', rating: 2 },
  ]
  return {
    lists: await model.recommend(users, { k: 5 }),
    forHistory: await model.recommendFor(history, { k: 5 }),
    predictions: [...(await model.predict(users.map((user) => [user, 'i4'])))],
    similar: 'similarItems' in model ? await model.similarItems('i3', { k: 4 }) : undefined,
    explanation: await model.explain('u7', 'i4'),
  }
}
