import { checkKeys, keysOf, optionsText } from '../arguments.ts'
import type { Engine } from '../engine/engine.ts'
import { Resource } from '../engine/handle.ts'
import { engineOf } from '../platform/platform.ts'

/** How a model is made, besides its options. */
export interface ModelSettings {
  /** The engine that the model lives in, which must be that of its data. Default: the shared engine. */
  readonly engine?: Engine | undefined
}

const SETTINGS_KEYS = keysOf<ModelSettings>({ engine: true })

/** Refuses settings with other names, and returns them. */
export function checkSettings(where: string, settings: ModelSettings): ModelSettings {
  return checkKeys(where, settings, SETTINGS_KEYS, 'settings')
}

/** A model in the engine, not yet trained. */
export async function createResource(
  kind: string,
  options: object,
  settings: ModelSettings,
  where = 'create',
): Promise<Resource> {
  const sent = optionsText(where, options)
  const client = await engineOf(checkSettings(where, settings).engine)
  return new Resource(client, await client.call('createModel', kind, sent))
}
