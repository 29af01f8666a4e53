import { badArgument } from '../arguments.ts'
import { TastespaceError } from '../errors.ts'
import type { Build } from './build.ts'
import type { Engine, EngineUsage } from './engine.ts'
import type { Host, WorkerHandle } from './host.ts'
import { packed } from './packed.ts'
import type { Call, CallName, Calls, Control, Reply, Start, Started } from './protocol.ts'

/** A call that waits for its turn or for its answer. */
interface Pending {
  readonly call: Call
  readonly transfer: ArrayBuffer[]
  readonly signal: AbortSignal | undefined
  resolve(value: unknown): void
  reject(error: unknown): void
}

/**
 * The engine in a worker, from the client's side. Calls are sent one at a time, so that the shared integers can only
 * mean the call under way. It never hangs: when the worker ends, whatever the reason, every call rejects.
 */
export class EngineClient implements Engine {
  readonly #worker: WorkerHandle<Reply, Start | Call>
  readonly #waiting: Pending[] = []
  #running: Pending | undefined
  #shared: { cancel: Int32Array; progress: Uint32Array; cancelAt: number; progressAt: number } | undefined
  /** Why there will be no more answers. */
  #end: TastespaceError | undefined
  /** There until the worker has started. */
  #onStart: { resolve(started: Started): void; reject(error: TastespaceError): void } | undefined

  readonly build: Build
  /** How many threads a call's parallel parts run on. */
  threads = 1
  /** Why it has no threads, where it has none although nobody asked for that. */
  reason: string | undefined
  /** The most bytes that its memory can grow to, where the machine has them: 4 GiB, or less where so much could not be had. */
  memoryLimit = 0

  private constructor(host: Host, build: Build) {
    this.build = build
    this.#worker = host.startEngine()
    this.#worker.onMessage((reply) => this.#receive(reply))
    this.#worker.onEnd((reason) => this.#crash(reason))
  }

  /** Starts a worker with an engine in it, within so many milliseconds. */
  static async start(host: Host, start: Start, timeout: number): Promise<EngineClient> {
    const engine = new EngineClient(host, start.build)
    const timer = setTimeout(() => engine.#crash(`it did not start within ${timeout / 1000} seconds`), timeout)
    try {
      const started = await new Promise<Started>((resolve, reject) => {
        engine.#onStart = { resolve, reject }
        engine.#worker.post(start)
      })
      engine.#onStart = undefined
      engine.threads = started.threads
      engine.memoryLimit = started.memoryLimit
      if (started.control) engine.#share(started.control)
      for (const port of started.pool) engine.#watch(port)
      engine.#worker.keepAlive(false)
      return engine
    } catch (error) {
      // What it holds may be what the next one lacks.
      await engine.#worker.terminate()
      throw error
    } finally {
      clearTimeout(timer)
    }
  }

  /** Whether it still answers: false once it crashed or was disposed. */
  get alive(): boolean {
    return this.#end === undefined
  }

  /** Sends a call of the engine and resolves with what it returns. */
  call<Name extends CallName>(name: Name, ...args: Parameters<Calls[Name]>): Promise<ReturnType<Calls[Name]>> {
    return this.callUntil(undefined, name, ...args)
  }

  /**
   * A call that the signal can cut short. While it waits for its turn, it rejects with the signal's reason. Once it
   * runs, its cancel flag is set, and it returns early as it documents; without shared memory it runs to its end.
   */
  callUntil<Name extends CallName>(
    signal: AbortSignal | undefined,
    name: Name,
    ...args: Parameters<Calls[Name]>
  ): Promise<ReturnType<Calls[Name]>> {
    if (this.#end) return Promise.reject(again(this.#end))
    if (signal?.aborted) return Promise.reject(signal.reason)
    const transfer: ArrayBuffer[] = []
    const call = { call: name, args: packed(args, transfer) } as unknown as Call
    let cancel = () => {}
    const answer = new Promise<unknown>((resolve, reject) => {
      const pending: Pending = { call, transfer, signal, resolve, reject }
      cancel = () => this.#cancel(pending)
      this.#waiting.push(pending)
    })
    signal?.addEventListener('abort', cancel)
    if (!this.#running) this.#sendNext()
    return answer.finally(() => signal?.removeEventListener('abort', cancel)) as Promise<ReturnType<Calls[Name]>>
  }

  async usage(): Promise<EngineUsage> {
    return JSON.parse(await this.call('usage'))
  }

  /** How far the call under way has come, in the units of that call; 0 where none is or it cannot be told. */
  progress(): number {
    return this.#running && this.#shared ? Atomics.load(this.#shared.progress, this.#shared.progressAt) : 0
  }

  /** Ends the worker and with it the pool and the memory. Calls without an answer reject with `disposed`. */
  dispose(): void {
    this.#stop(new TastespaceError('disposed', 'the engine was disposed'))
  }

  #sendNext(): void {
    const next = this.#waiting.shift()
    this.#running = next
    this.#worker.keepAlive(next !== undefined)
    if (!next) return
    if (this.#shared) {
      Atomics.store(this.#shared.cancel, this.#shared.cancelAt, 0)
      Atomics.store(this.#shared.progress, this.#shared.progressAt, 0)
    }
    try {
      this.#worker.post(next.call, next.transfer)
    } catch {
      // What cannot be sent to another thread never arrives.
      next.reject(badArgument(next.call.call, 'an argument', next.call.args, 'values that can be sent to a worker'))
      this.#sendNext()
    }
  }

  #receive(reply: Reply): void {
    if (this.#end) return
    if (reply.kind === 'crashed') return this.#crash(reply.reason)
    if (reply.kind === 'started') return this.#onStart?.resolve(reply)
    const answered = this.#running
    this.#sendNext()
    if (reply.kind === 'returned') answered?.resolve(reply.value)
    else answered?.reject(TastespaceError.fromJSON(reply.error))
  }

  #cancel(pending: Pending): void {
    if (pending === this.#running) {
      if (this.#shared) Atomics.store(this.#shared.cancel, this.#shared.cancelAt, 1)
    } else {
      this.#waiting.splice(this.#waiting.indexOf(pending), 1)
      pending.reject(pending.signal?.reason)
    }
  }

  #crash(reason: string): void {
    const [code, what] = this.#onStart ? ['engine/not-started', 'did not start'] : ['engine/crashed', 'crashed']
    this.#stop(new TastespaceError(code, `the engine ${what}: ${reason}`, { reason }))
  }

  #stop(end: TastespaceError): void {
    if (this.#end) return
    this.#end = end
    void this.#worker.terminate()
    this.#onStart?.reject(end)
    for (const pending of [this.#running, ...this.#waiting]) pending?.reject(again(end))
    this.#running = undefined
    this.#waiting.length = 0
    // The memory lives for as long as anyone has a view on it.
    this.#shared = undefined
  }

  /** Views on the shared integers. The buffer they are on stays valid when the memory grows, and they lie at its start. */
  #share({ memory, cancelAddress, progressAddress }: Control): void {
    this.#shared = {
      cancel: new Int32Array(memory.buffer),
      progress: new Uint32Array(memory.buffer),
      cancelAt: cancelAddress / 4,
      progressAt: progressAddress / 4,
    }
  }

  /** Hears of the end of a worker of the pool, which the engine's own thread may be waiting for in vain. */
  #watch(port: MessagePort): void {
    port.addEventListener('message', ({ data }) => this.#crash(String(data)))
    port.addEventListener('close', () => this.#crash('a thread of the pool ended'))
    port.start()
    // Node counts a port with a listener as a reason to live; a browser's has no such method.
    if ('unref' in port && typeof port.unref === 'function') port.unref()
  }
}

/** The same error once more, with the stack of whoever gets it. */
function again(error: TastespaceError): TastespaceError {
  return TastespaceError.fromJSON(error)
}
