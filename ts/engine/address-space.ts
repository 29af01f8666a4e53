import { readFileSync } from 'node:fs'

/** What V8 reserves for a worker before it has run anything: 590 MiB on Node 20. */
const WORKER = 640 * 2 ** 20

/** What everything beside may come to take. */
const SPARE = 256 * 2 ** 20

/**
 * Why so many workers cannot be started under this process's limit on addresses, or undefined where they can or there is
 * none. To be asked first, since V8 ends the process when a worker finds no addresses.
 */
export function noRoomFor(workers: number): string | undefined {
  const limit = addressLimit()
  if (limit === undefined || addressesInUse() + workers * WORKER + SPARE <= limit) return undefined
  return `the limit on addresses (ulimit -v) is ${gibibytes(limit)}, and V8 takes ${gibibytes(WORKER)} for each of ${workers} more threads`
}

/** The limit in bytes, where there is one and it can be told: on Linux. */
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
