import type { Build } from './build.ts'
import { hasSimd } from './features.ts'
import type { Host } from './host.ts'

/** What this machine and this runtime can do for the engine. */
export interface Capabilities {
  /** The build that would be chosen: `mt` runs on threads, `st` on one. Both give the same results. */
  readonly build: Build
  /** How many threads an engine would get unless told otherwise. */
  readonly threads: number
  /** Why there are no threads, where there are none. */
  readonly reason?: string
  readonly sharedMemory: boolean
  /** WebAssembly's 128-bit vector instructions; without them the engine does not run. */
  readonly simd: boolean
  readonly hardwareThreads: number
  /** The most memory that one engine can grow to, in bytes, where the machine has it. */
  readonly memoryLimit: number
  /** Names and versions of the runtime. */
  readonly runtime: Readonly<Record<string, string>>
}

/** The most threads an engine gets without being asked: more rarely pay, and each takes memory. */
const MOST_BY_DEFAULT = 16

/** All that 32-bit addresses reach. */
const FOUR_GIB = 2 ** 32

/** Told without trying: even a small shared memory reserves gigabytes of addresses, which the engine may then lack. */
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
