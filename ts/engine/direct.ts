import { answerOf, type Bindings } from './answer.ts'
import type { MemoryCounts } from './crash-reason.ts'
import { sharedMemory } from './features.ts'
import type { EngineHost } from './host.ts'
// Both are imported statically: they are small, and not every bundler supports dynamic imports in workers.
import * as threaded from './mt/tastespace_wasm.js'
import type { Call, Control, Joined, Start } from './protocol.ts'
import * as single from './st/tastespace_wasm.js'

/** Exports of the builds that train. */
interface DirectBindings extends Bindings {
  cancelAddress(): number
  progressAddress(): number
}

/** The engine on the current thread. A call blocks that thread until it is done. */
export class DirectEngine {
  /** As rayon counts them. */
  readonly threads: number
  /** Bytes that its memory can grow to. */
  readonly memoryLimit: number

  private constructor(
    private readonly bindings: DirectBindings,
    private readonly counts: MemoryCounts,
    readonly control: Control | undefined,
    /** A port from each pool worker, which reports its end. */
    readonly pool: readonly MessagePort[],
  ) {
    this.threads = bindings.threads()
    this.memoryLimit = counts.memoryLimit()
  }

  static start({ build, threads }: Start, host: EngineHost): Promise<DirectEngine> {
    return build === 'mt' ? DirectEngine.#startThreaded(threads, host) : DirectEngine.#startSingle(host)
  }

  static async #startSingle(host: EngineHost): Promise<DirectEngine> {
    const bindings: DirectBindings = single
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
    // Memory is allocated last: where addresses are scarce it can do with less, while a worker without addresses ends the
    // whole process.
    await Promise.all(workers.map(({ up }) => up))
    const shared = sharedMemory()
    if (!shared) throw noRoom(host)
    const { memory, limit } = shared
    const bindings: DirectBindings = threaded
    const counts = bindings.initSync({ module, memory })
    bindings.setMemoryLimit(limit)

    threaded.poolPrepare(threads)
    const pool = await Promise.all(workers.map(({ join }) => join(module, memory)))
    threaded.poolBuild()

    const control = { memory, cancelAddress: bindings.cancelAddress(), progressAddress: bindings.progressAddress() }
    return new DirectEngine(bindings, counts, control, pool)
  }

  /** Answers a call. Throws a TastespaceError if it is refused; any other error means that the engine is dead. */
  call(call: Call): unknown {
    return answerOf(this.bindings, this.counts, call)
  }
}

function noRoom(host: EngineHost): Error {
  return new Error(`WebAssembly memory cannot be allocated: ${host.whereNoRoom}`)
}

/** A starting worker of the pool. */
interface Thread {
  /** Resolves once it runs. */
  readonly up: Promise<void>
  /** Shares the engine's memory with it. Resolves once it waits for work, with the port that reports its end. */
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
      // Not earlier: a process with only starting workers would end.
      worker.keepAlive(false)
      return port1
    },
  }
}
