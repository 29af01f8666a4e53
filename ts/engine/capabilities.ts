import type { Build } from './build.ts'
import { hasSimd } from './features.ts'
import type { Host } from './host.ts'

/** What this machine and this runtime offer to the engine. */
export interface Capabilities {
  /** The build that would be chosen: `mt` runs on threads, `st` on one. Both give the same results. */
  readonly build: Build
  /** Default number of threads of an engine. */
  readonly threads: number
  /** Why there are no threads, where there are none. */
  readonly reason?: string
  readonly sharedMemory: boolean
  /** WebAssembly's 128-bit vector instructions; without them the engine does not run. */
  readonly simd: boolean
  readonly hardwareThreads: number
  /** Largest memory of one engine, in bytes, if the machine has it. */
  readonly memoryLimit: number
  /** Names and versions of the runtime. */
  readonly runtime: Readonly<Record<string, string>>
}

/** Largest default number of threads: more rarely pay off, and each takes memory. */
const MOST_BY_DEFAULT = 16

/** The range of 32-bit addresses. */
const FOUR_GIB = 2 ** 32

/** Determined without allocating: even a small shared memory reserves gigabytes of addresses, which the engine may need. */
export function capabilitiesOf(host: Host): Capabilities {
  const reason = host.noThreads() ?? host.noRoomFor(1 + defaultThreads(host))
  return {
    ...(reason === undefined ? { build: 'mt', threads: defaultThreads(host) } : { build: 'st', threads: 1, reason }),
    sharedMemory: typeof SharedArrayBuffer !== 'undefined',
    simd: hasSimd(),
    hardwareThreads: host.hardwareThreads(),
    memoryLimit: FOUR_GIB,
    runtime: host.runtime,
  }
}

export function defaultThreads(host: Host): number {
  return Math.min(host.hardwareThreads(), MOST_BY_DEFAULT)
}
