import { type Capabilities, capabilitiesOf } from '../engine/capabilities.ts'
import type { EngineClient } from '../engine/client.ts'
import { createEngine, type EngineOptions } from '../engine/create.ts'
import type { Engine } from '../engine/engine.ts'
import { clientOf } from '../engine/handle.ts'
import type { Host } from '../engine/host.ts'
import { TastespaceError } from '../errors.ts'

/** What the library needs from where it runs: workers, and files where there are any. */
export interface Platform {
  readonly host: Host
  readonly files?: Files
}

/** What a file is written from: its bytes or text, whole or piece by piece. */
export type FileContent = Uint8Array | string | AsyncIterable<Uint8Array | string>

/** A file system. */
export interface Files {
  /** The bytes of a file, piece by piece. */
  read(path: string | URL): AsyncIterable<Uint8Array>
  /** Writes a file so that it is there whole or not at all. */
  write(path: string | URL, content: FileContent): Promise<void>
  /** Rejects with what writing the file would end in. */
  checkWritable(path: string | URL): Promise<void>
}

let platform: Platform | undefined
let shared: Promise<EngineClient> | undefined

/** Sets the platform. Each entry point calls it once, before anything else runs. */
export function usePlatform(chosen: Platform): void {
  platform = chosen
}

function current(): Platform {
  if (!platform) throw new Error('no platform: import tastespace by its entry point')
  return platform
}

/** The platform's files, or the error that there are none. */
export function files(): Files {
  const { files } = current()
  if (!files) {
    throw new TastespaceError(
      'file/no-file-system',
      'there are no files by path here: read from a File, a Blob or bytes, and write what toBytes() or toCSV() gives',
    )
  }
  return files
}

/** What this machine can do for the engine, without starting one. */
export function capabilities(): Capabilities {
  return capabilitiesOf(current().host)
}

/**
 * Starts another engine: with a number of threads, or for a job after which its memory is freed. Most programs need none,
 * since all data sets and models share one by default.
 *
 * @example
 * const engine = await createEngine({ threads: 4 })
 * const data = await Dataset.fromFile('ratings.csv', { engine })
 * // …
 * engine.dispose()
 *
 * @throws `config/out-of-range` for a number of threads that cannot be had, `engine/not-started`
 */
export async function startEngine(options: EngineOptions = {}): Promise<Engine> {
  return createEngine(current().host, options)
}

/** The client of an engine; where none is given, of the one that everything shares. */
export async function engineOf(engine: Engine | undefined): Promise<EngineClient> {
  return engine === undefined ? sharedEngine() : clientOf(engine)
}

/** The engine that everything shares: started when it is first needed, and again after a crash. */
async function sharedEngine(): Promise<EngineClient> {
  // All callers that come while it starts wait for the same one.
  shared ??= createEngine(current().host)
  const starting = shared
  const engine = await starting.catch(() => undefined)
  if (engine?.alive) return engine
  if (shared === starting) shared = undefined
  return engine ? sharedEngine() : starting
}
