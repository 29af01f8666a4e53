import { type Capabilities, capabilitiesOf } from './engine/capabilities.ts'
import { createEngine as createEngineOn, type EngineOptions } from './engine/create.ts'
import { nodeHost } from './engine/host-node.ts'
import type { RemoteEngine } from './engine/remote.ts'

export * from './index.ts'

/** What this machine can do for the engine, without starting one. */
export function capabilities(): Capabilities {
  return capabilitiesOf(nodeHost)
}

/** Starts an engine of one's own. */
export function createEngine(options?: EngineOptions): Promise<RemoteEngine> {
  return createEngineOn(nodeHost, options)
}
