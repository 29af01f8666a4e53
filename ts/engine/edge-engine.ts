import { TastespaceError } from '../errors.ts'
import { answerOf, type Bindings } from './answer.ts'
import type { MemoryCounts } from './crash-reason.ts'
import * as edge from './edge/tastespace_wasm.js'
import type { EngineUsage } from './engine.ts'
import type { Client } from './handle.ts'
import type { Call, CallName, Calls } from './protocol.ts'
import { reasonOf } from './reason.ts'

/** The engine that serves, on the calling thread. It has the calls of a trained model only. */
class EdgeEngine implements Client {
  readonly build = 'st'
  readonly threads = 1
  readonly reason = undefined
  readonly memoryLimit: number
  /** Why there are no more answers. */
  #end: TastespaceError | undefined

  constructor(private readonly counts: MemoryCounts) {
    this.memoryLimit = counts.memoryLimit()
  }

  get alive(): boolean {
    return this.#end === undefined
  }

  async call<Name extends CallName>(name: Name, ...args: Parameters<Calls[Name]>): Promise<ReturnType<Calls[Name]>> {
    if (this.#end) throw TastespaceError.fromJSON(this.#end)
    try {
      return answerOf(BINDINGS, this.counts, { call: name, args } as unknown as Call) as ReturnType<Calls[Name]>
    } catch (error) {
      if (error instanceof TastespaceError) throw error
      const reason = reasonOf(error)
      this.#end = new TastespaceError('engine/crashed', `the engine crashed: ${reason}`, { reason })
      throw TastespaceError.fromJSON(this.#end)
    }
  }

  callUntil<Name extends CallName>(
    signal: AbortSignal | undefined,
    name: Name,
    ...args: Parameters<Calls[Name]>
  ): Promise<ReturnType<Calls[Name]>> {
    return signal?.aborted ? Promise.reject(signal.reason) : this.call(name, ...args)
  }

  callWhile<Name extends CallName>(
    signal: AbortSignal | undefined,
    name: Name,
    ...args: Parameters<Calls[Name]>
  ): Promise<ReturnType<Calls[Name]>> {
    return this.callUntil(signal, name, ...args)
  }

  async usage(): Promise<EngineUsage> {
    return JSON.parse(await this.call('usage'))
  }

  /** There is one instance of the module, so that this is its end. */
  dispose(): void {
    this.#end ??= new TastespaceError('disposed', 'the engine was disposed')
  }
}

/** The calls that an edge model makes are all there. */
const BINDINGS = edge as unknown as Bindings

let started: EdgeEngine | undefined

/** The engine of this thread, which is started from the first module. */
export function edgeEngine(module: WebAssembly.Module): EdgeEngine {
  if (started) return started
  try {
    started = new EdgeEngine(edge.initSync({ module }))
    return started
  } catch (error) {
    const reason = reasonOf(error)
    const message = `the engine did not start: ${reason}; the module has to be tastespace/edge.wasm of the same version as tastespace/edge`
    throw new TastespaceError('engine/not-started', message, { reason })
  }
}
