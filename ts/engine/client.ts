import { badArgument } from '../arguments.ts'
import { TastespaceError } from '../errors.ts'
import type { Build } from './build.ts'
import type { Engine, EngineUsage } from './engine.ts'
import type { Client } from './handle.ts'
import type { Host, WorkerHandle } from './host.ts'
import { packed } from './packed.ts'
import type { Call, CallName, Calls, Control, Reply, Start, Started } from './protocol.ts'

/** A call that waits for its turn or for its answer. */
interface Pending {
  readonly call: Call
  readonly transfer: ArrayBuffer[]
  readonly signal: AbortSignal | undefined
  /** Whether the caller wants the answer of a call that was cancelled while it ran. */
  readonly waits: boolean
  resolve(value: unknown): void
  reject(error: unknown): void
}

/**
 * The client's side of an engine in a worker. Calls are sent one at a time, so that the shared integers belong to the running
 * call. It never hangs: when the worker ends for any reason, every call rejects.
 */
export class EngineClient implements Client {
  readonly #worker: WorkerHandle<Reply, Start | Call>
  readonly #waiting: Pending[] = []
  #running: Pending | undefined
  #shared: { cancel: Int32Array; progress: Uint32Array; cancelAt: number; progressAt: number } | undefined
  /** Why there are no more answers. */
  #end: TastespaceError | undefined
  /** Set until the worker has started. */
  #onStart: { resolve(started: Started): void; reject(error: TastespaceError): void } | undefined

  readonly build: Build
  /** Number of threads. */
  threads = 1
  /** Why it has no threads, if that was not asked for. */
  reason: string | undefined
  /** Largest size of its memory in bytes: 4 GiB, or less where that could not be reserved. */
  memoryLimit = 0

  private constructor(host: Host, build: Build) {
    this.build = build
    this.#worker = host.startEngine()
    this.#worker.onMessage((reply) => this.#receive(reply))
    this.#worker.onEnd((reason) => this.#crash(reason))
  }

  /** Starts a worker with an engine in it, within `timeout` milliseconds. */
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
      // The next engine may need its memory.
      await engine.#worker.terminate()
      throw error
    } finally {
      clearTimeout(timer)
    }
  }

  /** Whether it still answers: false after a crash and after `dispose`. */
  get alive(): boolean {
    return this.#end === undefined
  }

  /** Sends a call of the engine and resolves with what it returns. */
  call<Name extends CallName>(name: Name, ...args: Parameters<Calls[Name]>): Promise<ReturnType<Calls[Name]>> {
    return this.#send(undefined, true, name, args)
  }

  /**
   * A call that a signal can cancel. While it waits for its turn, it rejects with the signal's reason. While it runs, its
   * cancel flag is set and it returns early; without shared memory it runs to its end.
   */
  callUntil<Name extends CallName>(
    signal: AbortSignal | undefined,
    name: Name,
    ...args: Parameters<Calls[Name]>
  ): Promise<ReturnType<Calls[Name]>> {
    return this.#send(signal, true, name, args)
  }

  /** The same, but a running call rejects with the signal's reason at once too: nobody needs its answer. */
  callWhile<Name extends CallName>(
    signal: AbortSignal | undefined,
    name: Name,
    ...args: Parameters<Calls[Name]>
  ): Promise<ReturnType<Calls[Name]>> {
    return this.#send(signal, false, name, args)
  }

  #send<Name extends CallName>(
    signal: AbortSignal | undefined,
    waits: boolean,
    name: Name,
    args: Parameters<Calls[Name]>,
  ): Promise<ReturnType<Calls[Name]>> {
    if (this.#end) return Promise.reject(again(this.#end))
    if (signal?.aborted) return Promise.reject(signal.reason)
    const transfer: ArrayBuffer[] = []
    const call = { call: name, args: packed(args, transfer) } as unknown as Call
    let cancel = () => {}
    const answer = new Promise<unknown>((resolve, reject) => {
      const pending: Pending = { call, transfer, signal, waits, resolve, reject }
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

  /** Progress of the running call, in its units; 0 if none is running or its progress is unknown. */
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
      // Values that cannot be cloned never arrive.
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
      if (!pending.waits) pending.reject(pending.signal?.reason)
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
    // A view would keep the memory alive.
    this.#shared = undefined
  }

  /** Views of the shared integers. Their buffer stays valid when the memory grows. */
  #share({ memory, cancelAddress, progressAddress }: Control): void {
    this.#shared = {
      cancel: new Int32Array(memory.buffer),
      progress: new Uint32Array(memory.buffer),
      cancelAt: cancelAddress / 4,
      progressAt: progressAddress / 4,
    }
  }

  /** Notices the end of a pool worker, which the engine's thread may be waiting for. */
  #watch(port: MessagePort): void {
    port.addEventListener('message', ({ data }) => this.#crash(String(data)))
    port.addEventListener('close', () => this.#crash('a thread of the pool ended'))
    port.start()
    // In Node a port with a listener keeps the process alive.
    if ('unref' in port && typeof port.unref === 'function') port.unref()
  }
}

/** A copy of the error with the stack of the caller. */
function again(error: TastespaceError): TastespaceError {
  return TastespaceError.fromJSON(error)
}

/** The client of an engine, which must be one of `createEngine`'s. */
export function clientOf(engine: Engine): EngineClient {
  if (engine instanceof EngineClient) return engine
  throw badArgument('tastespace', 'engine', engine, 'an engine that createEngine started')
}
