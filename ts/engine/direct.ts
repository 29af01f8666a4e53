import { type ErrorData, TastespaceError } from '../errors.ts'
import { crashReason, type MemoryCounts } from './crash-reason.ts'
import { sharedMemory } from './features.ts'
import type { EngineHost } from './host.ts'
// Both up front: they are small, load nothing by themselves, and not every bundler lets a worker import one later.
import * as threaded from './mt/tastespace_wasm.js'
import type { Call, Calls, Control, Joined, Start } from './protocol.ts'
import * as single from './st/tastespace_wasm.js'

/** What both builds of the WASM module export besides the calls. */
interface Bindings extends Calls {
  initSync(options: { module: WebAssembly.Module; memory?: WebAssembly.Memory }): MemoryCounts
  threads(): number
  cancelAddress(): number
  progressAddress(): number
}

/** The engine in the thread that asks for it. A call blocks that thread until it is done. */
export class DirectEngine {
  /** As rayon has them. */
  readonly threads: number
  /** Bytes that its memory can grow to. */
  readonly memoryLimit: number

  private constructor(
    private readonly bindings: Bindings,
    private readonly counts: MemoryCounts,
    readonly control: Control | undefined,
    /** One from each worker of the pool: brings news of its end. */
    readonly pool: readonly MessagePort[],
  ) {
    this.threads = bindings.threads()
    this.memoryLimit = counts.memoryLimit()
  }

  static start({ build, threads }: Start, host: EngineHost): Promise<DirectEngine> {
    return build === 'mt' ? DirectEngine.#startThreaded(threads, host) : DirectEngine.#startSingle(host)
  }

  static async #startSingle(host: EngineHost): Promise<DirectEngine> {
    const bindings: Bindings = single
    const module = await host.compile('st')
    try {
      return new DirectEngine(bindings, bindings.initSync({ module }), undefined, [])
    } catch (error) {
      throw error instanceof RangeError ? noRoom(host) : error
    }
  }

  static async #startThreaded(threads: number, host: EngineHost): Promise<DirectEngine> {
    // This thread is the first of the pool.
    const workers = Array.from({ length: threads - 1 }, () => startThread(host))
    const module = await host.compile('mt')
    // Memory comes last: where addresses are few it is the one that can do with less, and a worker that finds none left
    // takes the whole process down.
    await Promise.all(workers.map(({ up }) => up))
    const shared = sharedMemory()
    if (!shared) throw noRoom(host)
    const { memory, limit } = shared
    const bindings: Bindings = threaded
    const counts = bindings.initSync({ module, memory })
    bindings.setMemoryLimit(limit)

    threaded.poolPrepare(threads)
    const pool = await Promise.all(workers.map(({ join }) => join(module, memory)))
    threaded.poolBuild()

    const control = { memory, cancelAddress: bindings.cancelAddress(), progressAddress: bindings.progressAddress() }
    return new DirectEngine(bindings, counts, control, pool)
  }

  /** Answers a call. Throws a TastespaceError where it is refused; anything else thrown means that the engine is dead. */
  call({ call, args }: Call): unknown {
    const method = this.bindings[call] as (...args: unknown[]) => unknown
    try {
      return method(...args)
    } catch (thrown) {
      // The binding throws what it refuses as JSON text; panics and traps come as objects of their own.
      if (typeof thrown === 'string') throw TastespaceError.fromJSON(JSON.parse(thrown) as ErrorData)
      throw new Error(crashReason(thrown, this.counts), { cause: thrown })
    }
  }
}

function noRoom(host: EngineHost): Error {
  return new Error(`there is no room for WebAssembly's memory: ${host.whereNoRoom}`)
}

/** A worker of the pool on its way. */
interface Thread {
  /** Resolves once it runs. */
  readonly up: Promise<void>
  /** Gives it the engine's memory; resolves once it is ready to wait for work, with the port that tells of its end. */
  join(module: WebAssembly.Module, memory: WebAssembly.Memory): Promise<MessagePort>
}

function startThread(host: EngineHost): Thread {
  const worker = host.startThread()
  const heard = { up: () => {}, joined: () => {} }
  const ended = new Promise<never>((_resolve, reject) =>
    worker.onEnd((reason) => reject(new Error(`a thread of the pool did not start: ${reason}`))),
  )
  const told = (what: Joined) =>
    Promise.race([
      ended,
      new Promise<void>((resolve) => {
        heard[what] = resolve
      }),
    ])
  worker.onMessage((message) => heard[message]())
  return {
    up: told('up'),
    async join(module, memory) {
      const { port1, port2 } = new MessageChannel()
      const joined = told('joined')
      worker.post({ module, memory, end: port2 }, [port2])
      await joined
      // Not before: a process whose only workers are still starting, and do not count, would end.
      worker.keepAlive(false)
      return port1
    },
  }
}
