import { type ErrorData, TastespaceError } from '../errors.ts'
import { crashReason, type MemoryCounts } from './crash-reason.ts'
import type { Call, Calls } from './protocol.ts'

/** Exports of every build of the WASM module, besides the calls. */
export interface Bindings extends Calls {
  initSync(options: { module: WebAssembly.Module; memory?: WebAssembly.Memory }): MemoryCounts
  threads(): number
}

/** Answers a call on this thread. Throws a TastespaceError if it is refused; any other error means that the engine is dead. */
export function answerOf(bindings: Calls, counts: MemoryCounts, { call, args }: Call): unknown {
  const method = bindings[call] as (...args: unknown[]) => unknown
  try {
    return method(...args)
  } catch (thrown) {
    // Refused calls throw JSON text; panics and traps throw objects.
    if (typeof thrown === 'string') throw TastespaceError.fromJSON(JSON.parse(thrown) as ErrorData)
    throw new Error(crashReason(thrown, counts), { cause: thrown })
  }
}
