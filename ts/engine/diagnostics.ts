/** Calls for tests of threads, shared integers, limits and crashes. */
export interface Diagnostics {
  /** The number of pool threads that run at the same time. */
  probeThreads(): number
  /** Runs until it is cancelled, or for `rounds` checks of the flag; returns whether it was cancelled. */
  probeCancel(rounds: number): boolean
  /** Breaks the engine, on a thread of the pool or on its own. */
  injectFault(kind: 'panic' | 'trap' | 'memory', inPool: boolean): void
  /** Sets the memory limit that the engine assumes. */
  setMemoryLimit(bytes: number): void
}
