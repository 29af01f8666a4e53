// Writes what follows from the engine's description of its models: a TypeScript file for each kind, the list of kinds, and
// docs/models.md. The engine must be built.
//
//   node scripts/generate.mjs           writes the files
//   node scripts/generate.mjs --check   says which files are not current
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createEngine } from '../dist/index.mjs'
import { callReference, reference } from './generate/reference.mjs'
import { callsFile, classesFile, classFile, kindsFile, namesFile } from './generate/typescript.mjs'
import { root } from './lib/root.mjs'

const FOLDER = 'ts/models/generated'
const CALLS = 'ts/data/generated'

/** Class names that are not the kind in Pascal case. */
const CLASSES = {
  attrec: 'AttRec',
  'biased-mf': 'BiasedMF',
  bpr: 'BPR',
  cml: 'CML',
  ease: 'EASE',
  'glocal-k': 'GLocalK',
  ials: 'IALS',
  'item-knn': 'ItemKNN',
  lrml: 'LRML',
  pop: 'Popularity',
  sasrec: 'SASRec',
}

/** The base classes in ts/models/capabilities.ts with their abilities, the most able first. */
const BASES = [
  ['MemoryModel', ['similarItems', 'similarUsers', 'itemVectors', 'slots']],
  ['EmbeddingModel', ['similarItems', 'similarUsers', 'itemVectors', 'userVectors']],
  ['ItemEmbeddingModel', ['similarItems', 'similarUsers', 'itemVectors']],
  ['UserSimilarityModel', ['similarItems', 'similarUsers']],
  ['ItemSimilarityModel', ['similarItems']],
  ['Model', []],
]

/** All generated files: their contents by path. */
export async function generated() {
  const engine = await createEngine({ threads: 1 })
  try {
    const { models, options } = JSON.parse(await engine.call('describe'))
    const kinds = []
    for (const model of models) kinds.push({ ...model, name: className(model.kind), base: await baseOf(engine, model) })
    return new Map([
      ...kinds.map((kind) => [`${FOLDER}/${kind.kind}.ts`, classFile(kind)]),
      [`${FOLDER}/classes.ts`, classesFile(kinds)],
      [`${FOLDER}/kinds.ts`, kindsFile(kinds)],
      [`${FOLDER}/names.ts`, namesFile(kinds)],
      [`${CALLS}/options.ts`, callsFile(options)],
      ['docs/models.md', reference(kinds)],
      ['docs/options.md', callReference(options)],
    ])
  } finally {
    engine.dispose()
  }
}

function className(kind) {
  return CLASSES[kind] ?? kind.replace(/(^|-)(.)/g, (_, __, letter) => letter.toUpperCase())
}

/** The base class of a kind, by trying what a small model of it can do. */
async function baseOf(engine, { kind }) {
  const data = await engine.call('createDataset', 'rows', JSON.stringify({ file: 'rows' }))
  const pairs = Array.from({ length: 30 }, (_, row) => [Math.floor(row / 5), (row * 7) % 8])
  const texts = (ids) => ({
    bytes: new TextEncoder().encode(ids.join('')),
    ends: Uint32Array.from(ids, (_, index) => index + 1),
  })
  const [users, items] = [texts(pairs.map(([user]) => user)), texts(pairs.map(([, item]) => item))]
  const ratings = Float32Array.from(pairs, ([user, item]) => 1 + ((user + item) % 5))
  const times = Float64Array.from(pairs, (_, row) => row)
  await engine.call('append', data, 'rows', { users, items, ratings, times }, '')
  await engine.call('finish', data)
  const model = await engine.call('createModel', kind, '{}')
  await engine.call('beginFit', model, data, undefined, undefined, false, '{}')
  await engine.call('trainEpoch', model)
  await engine.call('endFit', model, true)
  const trials = {
    similarItems: () => engine.call('rank', model, 'similar-items', { ids: texts([1]) }, '{}'),
    similarUsers: () => engine.call('rank', model, 'similar-users', { ids: texts([1]) }, '{}'),
    itemVectors: () => engine.call('vectors', model, 'items'),
    userVectors: () => engine.call('vectors', model, 'users'),
    slots: () => engine.call('slots', model, '{}'),
  }
  const able = []
  for (const [ability, attempt] of Object.entries(trials)) {
    try {
      await attempt()
      able.push(ability)
    } catch (error) {
      if (error.code !== 'model/unsupported') throw error
    }
  }
  const [base] = BASES.find(([, abilities]) => abilities.every((ability) => able.includes(ability)))
  return base
}

/** The files that are not current. */
export function outdated(files) {
  const expected = new Set([...files.keys()].map((path) => basename(path)))
  const stray = existsSync(join(root, FOLDER))
    ? readdirSync(join(root, FOLDER)).filter((file) => !expected.has(file))
    : []
  const changed = [...files].filter(([path, text]) => read(path) !== text).map(([path]) => path)
  return [...changed, ...stray.map((file) => `${FOLDER}/${file}`)]
}

function read(path) {
  try {
    return readFileSync(join(root, path), 'utf8')
  } catch {
    return undefined
  }
}

async function main() {
  for (const folder of [FOLDER, CALLS]) mkdirSync(join(root, folder), { recursive: true })
  const files = await generated()
  const old = outdated(files)
  if (process.argv.includes('--check')) {
    for (const path of old) console.error(`${path} is not current: run node scripts/generate.mjs`)
    process.exitCode = old.length > 0 ? 1 : 0
    return
  }
  for (const path of old) {
    if (files.has(path)) writeFileSync(join(root, path), files.get(path))
    else rmSync(join(root, path))
  }
  console.log(old.length > 0 ? `Wrote ${old.join(', ')}` : 'All generated files are current.')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main()
