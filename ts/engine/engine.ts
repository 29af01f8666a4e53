import type { Build } from './build.ts'

/**
 * An engine: the WebAssembly module in a worker of its own, with its threads and its memory. Data sets and models live in
 * one. Most programs need no engine of their own, since all share one by default; `createEngine` starts another.
 */
export interface Engine {
  /** `mt` computes on several threads, `st` on one. Both give the same results. */
  readonly build: Build
  /** Number of threads. */
  readonly threads: number
  /** Why there are no threads, where there are none although they were not ruled out. */
  readonly reason: string | undefined
  /** Largest size in bytes that its memory can grow to: 4 GiB, or less where that much could not be reserved. */
  readonly memoryLimit: number
  /** Whether it still answers: false after a crash and after `dispose`. */
  readonly alive: boolean
  /** How much memory it uses. */
  usage(): Promise<EngineUsage>
  /** Ends its worker and its threads, and frees its memory. Calls without an answer reject with the code `disposed`. */
  dispose(): void
}

/** Memory and contents of an engine. */
export interface EngineUsage {
  /** Bytes in use. */
  readonly usedBytes: number
  /** Largest number of bytes in use since the last call of `usage`. */
  readonly peakBytes: number
  /** Size of the memory, in use or not. WebAssembly memory never shrinks. */
  readonly heldBytes: number
  /** Largest size that the memory can grow to. */
  readonly limitBytes: number
  /** Bytes that may still be allocated. */
  readonly freeBytes: number
  /** Number of data sets and models. */
  readonly handles: number
}
