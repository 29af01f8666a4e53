import { badArgument } from '../arguments.ts'
import { readAll, type Source } from '../data/source.ts'
import { Resource } from '../engine/handle.ts'
import { handOver } from '../engine/packed.ts'
import { engineOf } from '../platform/platform.ts'
import { checkSettings, createResource, type ModelSettings } from './create.ts'
import { describeKind } from './describe.ts'
import { CLASSES } from './generated/classes.ts'
import type { AnyModel, ModelKinds, ModelOptions } from './generated/kinds.ts'
import { KINDS, type Kind } from './generated/names.ts'

/** The class of each kind, with the types that belong to the kind. */
const classes: { readonly [K in Kind]: { of(resource: Resource): ModelKinds[K] } } = CLASSES

/** Whether a text is the name of a kind of model. */
export function isKind(text: unknown): text is Kind {
  return KINDS.some((kind) => kind === text)
}

/**
 * Makes a model of a kind: the same as `create` of the kind's class.
 *
 * @example
 * const model = await createModel('cml', { factors: 32 })
 *
 * @throws `config/unknown-kind`, and for invalid options those of `create`
 */
export async function createModel<K extends Kind>(
  kind: K,
  options: ModelOptions[K] = {},
  settings: ModelSettings = {},
): Promise<ModelKinds[K]> {
  await checkKind('createModel', kind, settings)
  return classes[kind].of(await createResource(kind, options, settings, 'createModel'))
}

/**
 * Makes a model whose kind and options are only known at run time, from a configuration file for example.
 *
 * @example
 * const { kind, options } = JSON.parse(configuration)
 * const model = await createModelByName(kind, options)
 *
 * @throws `config/unknown-kind`, and for invalid options those of `create`
 */
export async function createModelByName(
  kind: string,
  options: object = {},
  settings: ModelSettings = {},
): Promise<AnyModel> {
  const known = await checkKind('createModelByName', kind, settings)
  return classes[known].of(await createResource(known, options, settings, 'createModelByName'))
}

async function checkKind(where: string, kind: string, settings: ModelSettings): Promise<Kind> {
  if (typeof kind !== 'string') throw badArgument(where, 'kind', kind, 'the name of a kind')
  if (isKind(kind)) return kind
  const engine = await engineOf(checkSettings(where, settings).engine)
  await describeKind(engine, kind)
  throw badArgument(where, 'kind', kind, 'a kind that this version of the package knows')
}

/**
 * Loads a model that `save` or `toBytes` wrote. It answers without its training data. Its class follows from its `kind`.
 *
 * @example
 * const model = await loadModel('model.safetensors')
 * if (model.kind === 'cml') console.log(await model.userVectors())
 *
 * @throws `file/not-found` and other `file/…` codes, `file/corrupt`, `file/newer-version`
 */
export async function loadModel(source: Source, settings: ModelSettings = {}): Promise<AnyModel> {
  const client = await engineOf(checkSettings('loadModel', settings).engine)
  const { name, bytes, own } = await readAll('loadModel', source)
  const resource = new Resource(client, await client.call('load', name, own ? handOver(bytes) : bytes))
  const { kind }: { kind: string } = JSON.parse(await client.call('info', resource.handle))
  return classes[await checkKind('loadModel', kind, { engine: client })].of(resource)
}
