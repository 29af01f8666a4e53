// What the engine needs from where it runs. Node and browsers each have files that give it; nothing else in this folder
// knows which of them it is on.
import type { Build } from './build.ts'
import type { Call, Joined, JoinPool, Reply, Start } from './protocol.ts'

/** One end of a conversation between two threads. */
export interface Channel<Incoming, Outgoing> {
  post(message: Outgoing, transfer?: readonly Transferable[]): void
  /** Sets who hears the messages; at most one. */
  onMessage(listener: (message: Incoming) => void): void
}

/** A worker from its parent's side. */
export interface WorkerHandle<Incoming, Outgoing> extends Channel<Incoming, Outgoing> {
  /** Sets who hears, at most once, that the worker ended by itself or could not start, and why. */
  onEnd(listener: (reason: string) => void): void
  /** Whether the worker keeps the process alive, where that is a question. It does until told otherwise. */
  keepAlive(yes: boolean): void
  /** Resolves once it is gone, where that can be told. */
  terminate(): Promise<unknown>
}

/** What the client needs, on the thread of a page or of a program. */
export interface Host {
  /** Names and versions of the runtime, for people. */
  readonly runtime: Readonly<Record<string, string>>
  hardwareThreads(): number
  /** Why threads cannot be had here whatever is tried, or undefined where they can. */
  noThreads(): string | undefined
  /** Why so many workers cannot be started now, or undefined where nothing speaks against it. */
  noRoomFor(workers: number): string | undefined
  /** Starts the worker that an engine lives in. */
  startEngine(): WorkerHandle<Reply, Start | Call>
}

/** What the engine needs, in its worker. Not one with `Host`: Vite takes no worker whose code could start its own kind. */
export interface EngineHost {
  compile(build: Build): Promise<WebAssembly.Module>
  /** Starts a worker for one thread of the pool. */
  startThread(): WorkerHandle<Joined, JoinPool>
  /** What to do where there is no room for WebAssembly's memory, as the end of a sentence. */
  readonly whereNoRoom: string
}
