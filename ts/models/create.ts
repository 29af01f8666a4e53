import type { Handle } from '../engine/engine.ts'
import type { RemoteEngine } from '../engine/remote.ts'
import { sharedEngine } from '../platform/platform.ts'
import type { Model } from './model.ts'

/** What a model is made with besides its hyperparameters. */
export interface ModelSettings {
  /** The engine that it lives in, which must be its data's. Default: the one that everything shares. */
  readonly engine?: RemoteEngine
}

/** How the engine's models become objects of their classes. */
export type ModelClass<M extends Model> = new (kind: string, engine: RemoteEngine, handle: Handle) => M

/** Makes a model of a kind. Unknown options and values out of range are refused by name. */
export async function createModel<M extends Model>(
  kind: string,
  Class: ModelClass<M>,
  options: object,
  settings: ModelSettings,
): Promise<M> {
  const engine = settings.engine ?? (await sharedEngine())
  return new Class(kind, engine, await engine.call('createModel', kind, JSON.stringify(options)))
}
