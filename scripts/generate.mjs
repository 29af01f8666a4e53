// Writes what follows from the engine's description of its models: a TypeScript file for each kind, the list of kinds, and
// docs/models.md. The engine must be built.
//
//   node scripts/generate.mjs           writes the files
//   node scripts/generate.mjs --check   says which files are not current
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createEngine } from '../dist/index.mjs'
import { root } from './lib/root.mjs'

const FOLDER = 'ts/models/generated'
const NOTE = '// Written by scripts/generate.mjs from the options declared in crates/models. Not to be edited.'
const WIDTH = 120

/** Class names that are not the kind in Pascal case. */
const CLASSES = {
  attrec: 'AttRec',
  'biased-mf': 'BiasedMF',
  bpr: 'BPR',
  cml: 'CML',
  ease: 'EASE',
  'glocal-k': 'GLocalK',
  'item-knn': 'ItemKNN',
  lrml: 'LRML',
  pop: 'Popularity',
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
    const { models } = JSON.parse(await engine.call('describe'))
    const kinds = []
    for (const model of models) kinds.push({ ...model, name: className(model.kind), base: await baseOf(engine, model) })
    return new Map([
      ...kinds.map((kind) => [`${FOLDER}/${kind.kind}.ts`, classFile(kind)]),
      [`${FOLDER}/classes.ts`, classesFile(kinds)],
      [`${FOLDER}/kinds.ts`, kindsFile(kinds)],
      [`${FOLDER}/names.ts`, namesFile(kinds)],
      ['docs/models.md', reference(kinds)],
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
  await engine.call('beginFit', model, data, undefined, undefined, '{}')
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

/** The options interface and the class of a kind. */
function classFile({ kind, name, base, summary, source, task, options, presets }) {
  const create = `import { createResource, type ModelSettings } from '../create.ts'`
  const imports =
    base === 'Model'
      ? [create, `import { Model } from '../model.ts'`]
      : [`import { ${base} } from '../capabilities.ts'`, create]
  const preset = presets.length > 0 ? [presetField(presets)] : []
  const fields = [...preset, ...options.map((option) => field(option))]
  const optionsType =
    fields.length > 0
      ? `/** Options of {@link ${name}}. */\nexport interface ${name}Options {\n${fields.join('\n')}\n}`
      : `/** {@link ${name}} has no options. */\nexport type ${name}Options = Readonly<Record<string, never>>`
  const use =
    task === 'rating'
      ? ` * const [rating] = await model.predict([['alice', 'matrix']])`
      : ` * const forAlice = await model.recommend('alice', { k: 5 })`
  return `${NOTE}
import type { Resource } from '../../engine/handle.ts'
${imports.join('\n')}

${optionsType}

/**
${comment([`${sentence(summary)} ${sentence(source)}`], ' * ')}
 *
 * @example
 * const model = await ${name}.create()
 * await model.fit(train)
${use}
 */
export class ${name} extends ${base} {
  override readonly kind = '${kind}'

  /**
   * Makes a model that is not trained yet.
   *
   * @throws \`config/unknown-key\`, \`config/wrong-type\`, \`config/out-of-range\`, \`config/conflict\` for invalid options
   */
  static async create(options: ${name}Options = {}, settings: ModelSettings = {}): Promise<${name}> {
    return new ${name}(await createResource('${kind}', options, settings))
  }

  /** @internal */
  static of(resource: Resource): ${name} {
    return new ${name}(resource)
  }
}
`
}

function presetField(presets) {
  const docs = presets.map(({ name, doc }) => `\`${name}\`: ${sentence(doc)}`).join(' ')
  const type = presets.map(({ name }) => `'${name}'`).join(' | ')
  return docField(`A named set of options to start from; options beside it take precedence. ${docs}`, 'preset', type)
}

function field(option) {
  return docField(`${sentence(option.doc)} ${limits(option)}`, option.name, typeOf(option))
}

function docField(doc, name, type) {
  const line = `  /** ${doc} */`
  const text = line.length <= WIDTH ? line : `  /**\n${comment([doc], '   * ')}\n   */`
  const declared = `  readonly ${name}?: ${type} | undefined`
  if (declared.length <= WIDTH) return `${text}\n${declared}`
  const members = [...type.split(' | '), 'undefined'].map((member) => `    | ${member}`)
  return `${text}\n  readonly ${name}?:\n${members.join('\n')}`
}

function typeOf({ type, choices, or }) {
  if (type === 'choice') return choices.map((choice) => `'${choice}'`).join(' | ')
  if (type === 'integers') return 'readonly number[]'
  if (type === 'boolean') return 'boolean'
  return or ? 'number | null' : 'number'
}

/** \`Default 20, range 1 to 1000.\` */
function limits({ min, max, default: value, or }) {
  const usual = or ? `Default: the value of \`${or}\`` : `Default ${value === '' ? "''" : shown(value)}`
  return min === undefined ? `${usual}.` : `${usual}, range ${number(min)} to ${number(max)}.`
}

/** \`1e12\` instead of 1000000000000, \`1e-6\` instead of 0.000001 */
function number(value) {
  const exponent = value.toExponential().replace('+', '')
  return exponent.length < String(value).length ? exponent : String(value)
}

function shown(value) {
  return typeof value === 'string' ? `'${value}'` : JSON.stringify(value).replaceAll(',', ', ')
}

function sentence(text) {
  return /[.:!?]$/.test(text) ? text : `${text}.`
}

/** Paragraphs as lines of a comment. */
function comment(paragraphs, prefix) {
  const lines = paragraphs.flatMap((paragraph) => {
    const wrapped = ['']
    for (const word of paragraph.split(' ')) {
      const line = wrapped.at(-1)
      if (line !== '' && prefix.length + line.length + 1 + word.length > WIDTH) wrapped.push(word)
      else wrapped[wrapped.length - 1] = line === '' ? word : `${line} ${word}`
    }
    return wrapped
  })
  return lines.map((line) => prefix + line).join('\n')
}

/** The file that a line imports from. */
function path(line) {
  return line.slice(line.indexOf("'"))
}

function sorted(kinds) {
  return [...kinds].sort((a, b) => (a.kind < b.kind ? -1 : 1))
}

/** The class of each kind, for the functions that make models by name. */
function classesFile(kinds) {
  const imports = sorted(kinds).map(({ kind, name }) => `import { ${name} } from './${kind}.ts'`)
  return `${NOTE}
${imports.join('\n')}

/** The class of each kind of model. */
export const CLASSES = {
${kinds.map(({ kind, name }) => `  ${key(kind)}: ${name},`).join('\n')}
}
`
}

/** The kinds as types. */
function kindsFile(kinds) {
  const imports = [...sorted(kinds), { kind: 'names', name: 'Kind' }]
    .sort((a, b) => (a.kind < b.kind ? -1 : 1))
    .map(
      ({ kind, name }) => `import type { ${kind === 'names' ? name : `${name}, ${name}Options`} } from './${kind}.ts'`,
    )
  const exports = [
    ...sorted(kinds).map(({ kind, name }) => `export { ${name}, type ${name}Options } from './${kind}.ts'`),
    `export { KINDS, type Kind } from './names.ts'`,
  ].sort((a, b) => (path(a) < path(b) ? -1 : 1))
  const map = (type) => kinds.map(({ kind, name }) => `  ${key(kind)}: ${type(name)}`).join('\n')
  return `${NOTE}
${imports.join('\n')}

${exports.join('\n')}

/** The class of the models of each kind. */
export interface ModelKinds {
${map((name) => name)}
}

/** The options of the models of each kind. */
export interface ModelOptions {
${map((name) => `${name}Options`)}
}

/** A model of any kind; \`kind\` says which. */
export type AnyModel = ModelKinds[Kind]
`
}

function key(kind) {
  return kind.includes('-') ? `'${kind}'` : kind
}

/** The names of the kinds, which need no class. */
function namesFile(kinds) {
  return `${NOTE}

/** Names of the kinds of models. */
export const KINDS = [
${kinds.map(({ kind }) => `  '${kind}',`).join('\n')}
] as const

/** The name of a kind of model. */
export type Kind = (typeof KINDS)[number]
`
}

/** docs/models.md */
function reference(kinds) {
  const rows = kinds.map(
    ({ kind, name, task, sequential, summary, source }) =>
      `| [\`${kind}\`](#${kind}) | \`${name}\` | ${task}${sequential ? ', sequential' : ''} | ${summary} | ${source} |`,
  )
  return `<!-- Written by scripts/generate.mjs from the options declared in crates/models. Not to be edited. -->
# Models and their options

Every option is set in TypeScript (\`CML.create({ factors: 32 })\`) and on the command line (\`--set factors=32\`) by the same
name. \`tastespace train --help KIND\` prints the options of one kind.

| kind | class | task | what it is | source |
|---|---|---|---|---|
${rows.join('\n')}

${kinds.map(referenceOf).join('\n\n')}
`
}

function referenceOf({ kind, name, summary, epochs, patience, options, presets }) {
  const trained =
    epochs === 1
      ? 'Trained in one epoch.'
      : `Trains at most ${epochs} epochs by default, and stops after ${patience} without improvement on validation.`
  const cells = options.map((option) => {
    const { min, max, choices, or, doc } = option
    const range = choices
      ? choices.map((choice) => `\`${choice}\``).join(', ')
      : min === undefined
        ? ''
        : `${number(min)} to ${number(max)}`
    const usual = or ? `that of \`${or}\`` : `\`${shown(option.default)}\``
    return `| \`${option.name}\` | ${option.type} | ${range} | ${usual} | ${doc.replaceAll('|', '\\|')} |`
  })
  const table =
    options.length > 0
      ? ['| option | type | values | default | meaning |', '|---|---|---|---|---|', ...cells].join('\n')
      : 'It has no options.'
  const named = presets.map(({ name, doc, options }) => {
    const values = Object.entries(options).map(([key, value]) => `\`${key}\` ${shown(value)}`)
    return `- \`preset: '${name}'\`: ${sentence(doc)} ${values.join(', ')}.`
  })
  return [
    `## ${kind}`,
    `\`${name}\`. ${sentence(summary)} ${trained}`,
    table,
    ...(named.length > 0 ? [named.join('\n')] : []),
  ].join('\n\n')
}

/** The files that are not current. */
export function outdated(files) {
  const expected = new Set([...files.keys()].map((path) => basename(path)))
  const stray = readdirSync(join(root, FOLDER)).filter((file) => !expected.has(file))
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
  mkdirSync(join(root, FOLDER), { recursive: true })
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
