// What the engine needs from its runtime. Node and browsers each have their own implementation; the rest of this folder is
// independent of the runtime.
import type { Build } from './build.ts'
import type { Call, Joined, JoinPool, Reply, Start } from './protocol.ts'

/** One end of a channel between two threads. */
export interface Channel<Incoming, Outgoing> {
  post(message: Outgoing, transfer?: readonly Transferable[]): void
  /** Sets the only listener. */
  onMessage(listener: (message: Incoming) => void): void
}

/** A worker, as its parent sees it. */
export interface WorkerHandle<Incoming, Outgoing> extends Channel<Incoming, Outgoing> {
  /** Sets the listener for an unexpected end of the worker, or a failed start, with the reason. */
  onEnd(listener: (reason: string) => void): void
  /** Sets whether the worker keeps the process alive, in Node. It does by default. */
  keepAlive(yes: boolean): void
  /** Resolves once it has ended, where that is known. */
  terminate(): Promise<unknown>
}

/** What the client needs, on the thread of a page or a program. */
export interface Host {
  /** Names and versions of the runtime. */
  readonly runtime: Readonly<Record<string, string>>
  hardwareThreads(): number
  /** Why threads are never available here; undefined if they are. */
  noThreads(): string | undefined
  /** Why this number of workers cannot be started now; undefined if it can. */
  noRoomFor(workers: number): string | undefined
  /** Bytes of memory that this process can still get; undefined where that is not known. */
  freeMemory(): number | undefined
  /** Starts the worker that an engine lives in. */
  startEngine(): WorkerHandle<Reply, Start | Call>
}

/** What the engine needs, in its worker. Separate from `Host`, since Vite refuses workers that could start themselves. */
export interface EngineHost {
  compile(build: Build): Promise<WebAssembly.Module>
  /** Starts a worker for one thread of the pool. */
  startThread(): WorkerHandle<Joined, JoinPool>
  /** Advice where WebAssembly memory cannot be allocated, as the end of a sentence. */
  readonly whereNoRoom: string
}
