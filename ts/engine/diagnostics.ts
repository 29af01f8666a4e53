/** Calls that compute nothing: they show that threads, the shared integers, limits and the handling of crashes work. */
export interface Diagnostics {
  /** The number of pool threads, counted by having all of them in one place at the same time. */
  probeThreads(): number
  /** Runs until it is cancelled, or for `rounds` looks at the flag; tells whether it was. */
  probeCancel(rounds: number): boolean
  /** Breaks the engine, on a thread of the pool or on its own. */
  injectFault(kind: 'panic' | 'trap' | 'memory', inPool: boolean): void
  /** Makes the engine believe that its memory can grow to so many bytes. */
  setMemoryLimit(bytes: number): void
}
