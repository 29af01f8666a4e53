import { readFileSync } from 'node:fs'

/** Addresses that V8 reserves for a worker at its start, with a margin. */
const WORKER = 640 * 2 ** 20

/** Addresses for everything else. */
const SPARE = 256 * 2 ** 20

/**
 * Why this number of workers cannot be started under the process's limit on addresses; undefined where they can. Asked before
 * a start, since V8 ends the process when a worker gets no addresses.
 */
export function noRoomFor(workers: number): string | undefined {
  const limit = addressLimit()
  if (limit === undefined || addressesInUse() + workers * WORKER + SPARE <= limit) return undefined
  return `the limit on addresses (ulimit -v) is ${gibibytes(limit)}, and V8 takes ${gibibytes(WORKER)} for each of ${workers} more threads`
}

/** The limit in bytes, if there is one. Only known on Linux. */
function addressLimit(): number | undefined {
  try {
    const [, soft] = readFileSync('/proc/self/limits', 'utf8').match(/^Max address space +(\d+)/m) ?? []
    return soft === undefined ? undefined : Number(soft)
  } catch {
    return undefined
  }
}

function addressesInUse(): number {
  const [, kibibytes] = readFileSync('/proc/self/status', 'utf8').match(/^VmSize:\s+(\d+)/m) ?? []
  return Number(kibibytes ?? 0) * 1024
}

function gibibytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`
}
