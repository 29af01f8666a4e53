import { readAll, type Source } from '../data/source.ts'
import { sharedEngine } from '../platform/platform.ts'
import { AttRec } from './attrec.ts'
import { Bias } from './bias.ts'
import { BiasedMF } from './biased-mf.ts'
import { BPR } from './bpr.ts'
import { CML } from './cml.ts'
import { createModel as create, type ModelClass, type ModelSettings } from './create.ts'
import { EASE } from './ease.ts'
import { GLocalK } from './glocal-k.ts'
import { ItemKNN } from './item-knn.ts'
import { LRML } from './lrml.ts'
import { Model } from './model.ts'
import { Popularity } from './pop.ts'

/** The class of each kind that the engine registers. */
export const KINDS: Readonly<Record<string, ModelClass<Model>>> = {
  attrec: AttRec,
  'biased-mf': BiasedMF,
  bias: Bias,
  bpr: BPR,
  ease: EASE,
  'item-knn': ItemKNN,
  cml: CML,
  'glocal-k': GLocalK,
  lrml: LRML,
  pop: Popularity,
}

/** Makes a model by the name of its kind, such as `biased-mf`. The classes have `create` for kinds known when writing. */
export function createModel(kind: string, options: object = {}, settings: ModelSettings = {}): Promise<Model> {
  // A kind without a class is the engine's to refuse: it names those that there are.
  return create(kind, KINDS[kind] ?? Model, options, settings)
}

/** Loads a model that `save` or `toBytes` wrote. It answers without the data that it was trained on. */
export async function loadModel(source: Source, settings: ModelSettings = {}): Promise<Model> {
  const engine = settings.engine ?? (await sharedEngine())
  const { name, bytes } = await readAll(source)
  const handle = await engine.call('load', name, bytes)
  const { kind }: { kind: string } = JSON.parse(await engine.call('info', handle))
  return new (KINDS[kind] ?? Model)(kind, engine, handle)
}
