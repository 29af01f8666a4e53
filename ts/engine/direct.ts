import { type ErrorData, TastespaceError } from '../errors.ts'
import { sharedMemory } from './features.ts'
import type { EngineHost } from './host.ts'
// Both up front: they are small, load nothing by themselves, and not every bundler lets a worker import one later.
import * as threaded from './mt/tastespace_wasm.js'
import type { Call, Calls, Control, Start } from './protocol.ts'
import * as single from './st/tastespace_wasm.js'

/** What both builds of the WASM module export besides the calls. */
interface Bindings extends Calls {
  initSync(options: { module: WebAssembly.Module; memory?: WebAssembly.Memory }): unknown
  threads(): number
  cancelAddress(): number
  progressAddress(): number
}

/** The engine in the thread that asks for it. A call blocks that thread until it is done. */
export class DirectEngine {
  /** As rayon has them. */
  readonly threads: number

  private constructor(
    private readonly bindings: Bindings,
    readonly control: Control | undefined,
    /** One from each worker of the pool: brings news of its end. */
    readonly pool: readonly MessagePort[],
  ) {
    this.threads = bindings.threads()
  }

  static start({ build, threads }: Start, host: EngineHost): Promise<DirectEngine> {
    return build === 'mt' ? DirectEngine.#startThreaded(threads, host) : DirectEngine.#startSingle(host)
  }

  static async #startSingle(host: EngineHost): Promise<DirectEngine> {
    const bindings: Bindings = single
    bindings.initSync({ module: await host.compile('st') })
    return new DirectEngine(bindings, undefined, [])
  }

  static async #startThreaded(threads: number, host: EngineHost): Promise<DirectEngine> {
    const module = await host.compile('mt')
    const memory = sharedMemory()
    if (!memory) throw new Error('there is no room for shared memory')
    const bindings: Bindings = threaded
    bindings.initSync({ module, memory })

    threaded.poolPrepare(threads)
    const pool = await Promise.all(Array.from({ length: threads }, () => joinPool(host, module, memory)))
    threaded.poolBuild()

    const control = { memory, cancelAddress: bindings.cancelAddress(), progressAddress: bindings.progressAddress() }
    return new DirectEngine(bindings, control, pool)
  }

  /** Answers a call. Throws a TastespaceError where it is refused; anything else thrown means that the engine is dead. */
  call({ call, args }: Call): unknown {
    const method = this.bindings[call] as (...args: unknown[]) => unknown
    try {
      return method(...args)
    } catch (thrown) {
      // The binding throws what it refuses as JSON text; panics and traps come as objects of their own.
      if (typeof thrown === 'string') throw TastespaceError.fromJSON(JSON.parse(thrown) as ErrorData)
      throw thrown
    }
  }
}

/** Starts a worker of the pool; resolves once it is ready to wait for work, with the port that tells of its end. */
function joinPool(host: EngineHost, module: WebAssembly.Module, memory: WebAssembly.Memory): Promise<MessagePort> {
  return new Promise((resolve, reject) => {
    const { port1, port2 } = new MessageChannel()
    const worker = host.startThread()
    worker.onEnd((reason) => reject(new Error(`a thread of the pool did not start: ${reason}`)))
    worker.onMessage(() => {
      // Not before: a process whose only workers are still starting, and do not count, would end.
      worker.keepAlive(false)
      resolve(port1)
    })
    worker.post({ module, memory, end: port2 }, [port2])
  })
}
