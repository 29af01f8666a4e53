import type { Chosen, DownloadOptions, FetchedData } from '../data/fetch/types.ts'
import type { Table } from '../data/tables/types.ts'
import { type Capabilities, capabilitiesOf } from '../engine/capabilities.ts'
import { clientOf, type EngineClient } from '../engine/client.ts'
import { createEngine, type EngineOptions } from '../engine/create.ts'
import type { Engine } from '../engine/engine.ts'
import type { Host } from '../engine/host.ts'
import { TastespaceError } from '../errors.ts'

/** What the library needs from its runtime: workers and, where they exist, files. */
export interface Platform {
  readonly host: Host
  readonly files?: Files
  readonly database?: Database
  readonly downloads?: Downloads
}

/** Downloads into files. */
export interface Downloads {
  fetch(chosen: Chosen, options: DownloadOptions): Promise<FetchedData>
}

/** A database engine, which runs queries on files. */
export interface Database {
  /** Whether it is installed. */
  available(): Promise<boolean>
  /** Opens the table of a Parquet file. */
  parquet(path: string | URL): Promise<Table>
  /** Opens the result of a query. */
  query(sql: string, database: string | URL | undefined): Promise<Table>
}

/** The content of a file: bytes or text, whole or in pieces. */
export type FileContent = Uint8Array | string | AsyncIterable<Uint8Array | string>

/** A file that is open, read in any order. */
export interface RandomAccess {
  readonly size: number
  /** The bytes `start..end`; fewer at the end of the file. */
  read(start: number, end: number): Promise<Uint8Array>
  close(): Promise<void>
}

/** A file system. */
export interface Files {
  /** The bytes of a file, in pieces. */
  read(path: string | URL): AsyncIterable<Uint8Array>
  /** Opens a file to be read in any order; undefined for a pipe or a device. */
  open(path: string | URL): Promise<RandomAccess | undefined>
  /** Writes a file completely or not at all. */
  write(path: string | URL, content: FileContent): Promise<void>
  /** Adds text to the end of a file, which is made where there is none. */
  append(path: string | URL, text: string): Promise<void>
  /** Rejects with the error that writing the file would have. */
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
      'there is no file system here: read from a File, a Blob or bytes, and write the result of toBytes() or toCSV()',
    )
  }
  return files
}

/** The platform's downloads, or the error that there are no files. */
export function downloads(): Downloads {
  const { downloads } = current()
  if (downloads) return downloads
  throw new TastespaceError(
    'file/no-file-system',
    'fetchData: there is no file system here to download to; it runs in Node',
  )
}

/** The platform's database engine, if it has one. */
export function database(): Database | undefined {
  return current().database
}

/** What this machine offers to the engine, without starting one. */
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

/** An engine for the library's own work, with a number of threads. */
export async function ownEngine(threads: number): Promise<EngineClient> {
  return createEngine(current().host, { threads })
}

/** Bytes of memory that this process can still get; undefined where that is not known, as in a page. */
export function freeMemory(): number | undefined {
  return current().host.freeMemory()
}

/** The client of an engine, by default of the shared one. */
export async function engineOf(engine: Engine | undefined): Promise<EngineClient> {
  return engine === undefined ? sharedEngine() : clientOf(engine)
}

/** The shared engine: started when it is first needed, and again after a crash. */
async function sharedEngine(): Promise<EngineClient> {
  // Callers wait for the same start.
  shared ??= createEngine(current().host)
  const starting = shared
  const engine = await starting.catch(() => undefined)
  if (engine?.alive) return engine
  if (shared === starting) shared = undefined
  return engine ? sharedEngine() : starting
}
