// The generated TypeScript files.
import { comment, limits, sentence, WIDTH } from './words.mjs'

const NOTE = '// Written by scripts/generate.mjs from the options declared in crates. Not to be edited.'

/** The options interface and the class of a kind. */
export function classFile({ kind, name, base, summary, source, task, options, presets }) {
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
  return docField(
    `A named set of options to start from; other options take precedence over it. ${docs}`,
    'preset',
    type,
  )
}

function field(option) {
  return docField(`${sentence(option.doc)} ${limits(option)}`.trim(), option.name, typeOf(option))
}

function docField(doc, name, type) {
  const line = `  /** ${doc} */`
  const text = line.length <= WIDTH ? line : `  /**\n${comment([doc], '   * ')}\n   */`
  const declared = `  readonly ${name}?: ${type} | undefined`
  if (declared.length <= WIDTH) return `${text}\n${declared}`
  const members = [...type.split(' | '), 'undefined'].map((member) => `    | ${member}`)
  return `${text}\n  readonly ${name}?:\n${members.join('\n')}`
}

function typeOf({ type, choices, or, typescript, default: value }) {
  if (type === 'shape') return typescript
  if (type === 'text') return 'string'
  if (type === 'texts') return 'readonly string[]'
  if (type === 'choice') return choices.map((choice) => `'${choice}'`).join(' | ')
  if (type === 'integers') return 'readonly number[]'
  if (type === 'boolean') return 'boolean'
  return or && value === null && /^\w+$/.test(or) ? 'number | null' : 'number'
}

/** The file that a line imports from. */
function path(line) {
  return line.slice(line.indexOf("'"))
}

function sorted(kinds) {
  return [...kinds].sort((a, b) => (a.kind < b.kind ? -1 : 1))
}

/** The class of each kind, for the functions that make models by name. */
export function classesFile(kinds) {
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
export function kindsFile(kinds) {
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

/** The interfaces of calls' options, which the public interfaces extend: those that mean the same on both sides. */
const CALL_INTERFACES = [
  ['EvaluateFields', 'evaluate', ['k', 'negatives', 'task', 'seed', 'perUser']],
  ['FeaturesFields', 'features', ['layout', 'encoding']],
  ['FilterFields', 'filter', ['positiveThreshold', 'core']],
  ['FitFields', 'fit', ['seed', 'validationUsers']],
  ['ItemsFields', 'items', ['format', 'columns', 'encoding']],
  ['PredictFields', 'predict', ['unknown']],
  [
    'ReadFields',
    'read',
    [
      'format',
      'columns',
      'encoding',
      'timeUnit',
      'dateOrder',
      'badRows',
      'missing',
      'oneUser',
      'ratingRange',
      'duplicates',
    ],
  ],
  ['RecommendFields', 'recommend', ['k', 'unknown']],
  ['ResamplingFields', 'resample', ['level', 'resamples', 'seed']],
  ['SaveFields', 'save', ['history', 'users', 'precision', 'weights']],
  ['SimilarFields', 'similar', ['k', 'unknown']],
  ['SlotsFields', 'slots', ['k']],
  ['SyntheticFields', 'synthetic', undefined],
]

export function callsFile(calls) {
  const interfaces = CALL_INTERFACES.map(([name, call, names]) => {
    const chosen = names?.map((name) => calls[call].find((option) => option.name === name)) ?? calls[call]
    return `/** Options of \`${call}\`. */\nexport interface ${name} {\n${chosen.map(field).join('\n')}\n}`
  })
  const splits = calls.split.map(
    ({ rule, doc, options }) =>
      `/** ${sentence(doc)} */\nexport interface ${splitName(rule)} {\n  readonly by: '${rule}'\n${options.map(field).join('\n')}\n}`,
  )
  return `${NOTE}\n\n${[...interfaces, ...splits].join('\n\n')}\n`
}

function splitName(rule) {
  return rule === 'file'
    ? 'FileSplitFields'
    : `${rule.replace(/(^|-)(.)/g, (_, __, letter) => letter.toUpperCase())}Split`
}

/** The names of the kinds, which need no class. */
export function namesFile(kinds) {
  return `${NOTE}

/** Names of the kinds of models. */
export const KINDS = [
${kinds.map(({ kind }) => `  '${kind}',`).join('\n')}
] as const

/** The name of a kind of model. */
export type Kind = (typeof KINDS)[number]
`
}
