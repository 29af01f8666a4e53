import { type Capabilities, capabilitiesOf } from '../engine/capabilities.ts'
import { createEngine, type EngineOptions } from '../engine/create.ts'
import type { Host } from '../engine/host.ts'
import type { RemoteEngine } from '../engine/remote.ts'
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
let shared: Promise<RemoteEngine> | undefined

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

/** Starts an engine of one's own, for a number of threads or to end it when a job is done. */
export function startEngine(options?: EngineOptions): Promise<RemoteEngine> {
  return createEngine(current().host, options)
}

/** The engine that is used where none is named: started with the first need, started anew if it crashed. */
export async function sharedEngine(): Promise<RemoteEngine> {
  // All who come while it starts wait for the same one.
  shared ??= startEngine()
  const starting = shared
  const engine = await starting.catch(() => undefined)
  if (engine?.alive) return engine
  if (shared === starting) shared = undefined
  return engine ? sharedEngine() : starting
}
