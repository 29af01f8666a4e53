import type { Publication, Publications } from './publications.ts'

/** How far a download is. */
export interface FetchProgress {
  readonly step: 'download' | 'unpack'
  /** Name of the file. */
  readonly file: string
  readonly bytes: number
  /** Absent where the publisher does not report it. */
  readonly total?: number
  /** Bytes that an earlier, interrupted download had left. */
  readonly resumed: number
}

/** Options of `fetchData`. */
export interface FetchOptions {
  /** The folder that gets a folder with the files. Default: the current folder. */
  readonly dir?: string | undefined
  /** The folder that keeps downloads. Default: `tastespace` in `$XDG_CACHE_HOME` or `~/.cache`. */
  readonly cache?: string | undefined
  /** The data sets that can be fetched, and their addresses. Default: `publications`. */
  readonly publications?: Publications | undefined
  /** Seconds without a byte after which a connection counts as lost. Default 60, range 0.1 to 3600. */
  readonly timeout?: number | undefined
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((progress: FetchProgress) => void) | undefined
}

/** The files of a published data set. */
export interface FetchedData {
  readonly name: string
  /** The folder with the files. */
  readonly folder: string
  /** The file to train on. */
  readonly ratings: string
  /** The file with titles of the items; null where there is none. */
  readonly items: string | null
  /** Whether the bytes have the publisher's checksum; null where there is none to compare with. */
  readonly verified: true | null
  /** Where the files were taken from: the publisher, the cache, or the folder, which had them already. */
  readonly from: 'publisher' | 'cache' | 'folder'
  readonly publication: Publication
}

/** A publication with its category filled in. */
export interface Chosen {
  readonly name: string
  /** Path of its folder below `dir` and below the cache. */
  readonly folder: string
  readonly publication: Publication
}

/** Options of a download, checked. */
export interface DownloadOptions extends Omit<FetchOptions, 'publications' | 'timeout'> {
  readonly timeout: number
}
