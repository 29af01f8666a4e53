import { checkKeys, keysOf } from '../arguments.ts'
import { TastespaceError } from '../errors.ts'
import type { Build } from './build.ts'
import { defaultThreads } from './capabilities.ts'
import { EngineClient } from './client.ts'
import type { Host } from './host.ts'
import { reasonOf } from './reason.ts'

export interface EngineOptions {
  /** Number of threads, 1 to 64. Results do not depend on it. Default: those of the hardware, up to 16. */
  readonly threads?: number
  /** The build. Default: `mt`, or `st` where threads are not available. */
  readonly build?: Build
  /** Time to start in milliseconds, at least 1. After that the engine runs without threads. Default 30,000. */
  readonly startTimeout?: number
}

const MOST_THREADS = 64

/** Long enough for any machine: a start takes milliseconds. */
const START_TIMEOUT = 30_000

let warned = false

/** Starts an engine. Where threads are not available it runs without, and warns once if they were asked for. */
export async function createEngine(host: Host, options: EngineOptions = {}): Promise<EngineClient> {
  check(options)
  const timeout = options.startTimeout ?? START_TIMEOUT
  let reason: string | undefined
  if (options.build !== 'st') {
    const started = await startThreaded(host, options.threads ?? defaultThreads(host), timeout)
    if (started instanceof EngineClient) return started
    reason = started
  }
  const noRoom = host.noRoomFor(1)
  if (noRoom !== undefined) {
    throw new TastespaceError('engine/not-started', `the engine did not start: ${noRoom}`, { reason: noRoom })
  }
  const engine = await EngineClient.start(host, { build: 'st', threads: 1 }, timeout)
  engine.reason = reason
  if (reason !== undefined && (options.build === 'mt' || (options.threads ?? 1) > 1)) warnOnce(reason)
  return engine
}

/** The engine, or why it did not start. */
async function startThreaded(host: Host, threads: number, timeout: number): Promise<EngineClient | string> {
  // The engine's worker is the first thread.
  const reason = host.noThreads() ?? host.noRoomFor(threads)
  if (reason !== undefined) return reason
  try {
    return await EngineClient.start(host, { build: 'mt', threads }, timeout)
  } catch (error) {
    return error instanceof TastespaceError ? String(error.details.reason) : reasonOf(error)
  }
}

const KEYS = keysOf<EngineOptions>({ threads: true, build: true, startTimeout: true })

function check(options: EngineOptions): void {
  const { threads, build, startTimeout } = checkKeys('createEngine', options, KEYS)
  if (build !== undefined && build !== 'mt' && build !== 'st') {
    throw new TastespaceError('config/out-of-range', `build is ${String(build)}; accepted: mt, st`, {
      key: 'build',
      value: build,
    })
  }
  const most = build === 'st' ? 1 : MOST_THREADS
  if (threads !== undefined && !(Number.isInteger(threads) && threads >= 1 && threads <= most)) {
    const accepted = build === 'st' ? '1 in the build without threads' : `a whole number from 1 to ${most}`
    throw new TastespaceError('config/out-of-range', `threads is ${String(threads)}; accepted: ${accepted}`, {
      key: 'threads',
      value: threads,
      min: 1,
      max: most,
    })
  }
  if (startTimeout !== undefined && !(typeof startTimeout === 'number' && startTimeout >= 1)) {
    throw new TastespaceError(
      'config/out-of-range',
      `startTimeout is ${String(startTimeout)}; accepted: milliseconds from 1`,
      {
        key: 'startTimeout',
        value: startTimeout,
        min: 1,
      },
    )
  }
}

function warnOnce(reason: string): void {
  if (warned) return
  warned = true
  console.warn(`tastespace: computing on one thread, because threads cannot be had here: ${reason}`)
}
