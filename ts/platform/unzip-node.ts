// The files of a zip archive, by yauzl: it reads an entry at a time, and refuses names that lead out of the folder.
import { createWriteStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dirname, join, resolve, sep } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Entry, ZipFile } from 'yauzl'
import { messageOf, TastespaceError } from '../errors.ts'

/**
 * Unpacks an archive into a folder. A folder that holds all entries is left out. `onBytes` gets the bytes written, and those of
 * all files.
 */
export async function unzip(
  archive: string,
  folder: string,
  signal: AbortSignal | undefined,
  onBytes: (bytes: number, total: number) => void,
): Promise<void> {
  try {
    const { open } = await import('yauzl')
    const entries = await listed(await opened(open, archive))
    // Without folders, and without what macOS adds.
    const files = entries.filter(({ fileName }) => !/\/$|^__MACOSX\//.test(fileName))
    const top = commonFolder(files.map(({ fileName }) => fileName))
    const total = files.reduce((sum, { uncompressedSize }) => sum + uncompressedSize, 0)
    let bytes = 0
    const zip = await opened(open, archive)
    try {
      for (const entry of files) {
        signal?.throwIfAborted()
        const path = inside(folder, entry.fileName.slice(top.length))
        await mkdir(dirname(path), { recursive: true })
        const content = await contentOf(zip, entry)
        content.on('data', (chunk: Uint8Array) => {
          bytes += chunk.length
          onBytes(bytes, total)
        })
        await pipeline(content, createWriteStream(path, { flags: 'wx' }), { ...(signal && { signal }) })
      }
    } finally {
      zip.close()
    }
  } catch (error) {
    signal?.throwIfAborted()
    // Errors of the file system keep their codes; others are about the archive.
    if (error instanceof TastespaceError || (error instanceof Error && 'syscall' in error)) throw error
    const problem = messageOf(error)
    const message = `${archive} is a damaged zip archive: ${problem}; remove it and fetch it again`
    throw new TastespaceError('fetch/bad-archive', message, { file: archive, problem })
  }
}

function opened(open: typeof import('yauzl').open, archive: string): Promise<ZipFile> {
  return new Promise((done, fail) =>
    open(archive, { lazyEntries: true, autoClose: false }, (error, zip) => (error ? fail(error) : done(zip))),
  )
}

async function listed(zip: ZipFile): Promise<Entry[]> {
  try {
    return await new Promise((done, fail) => {
      const entries: Entry[] = []
      zip.on('entry', (entry: Entry) => {
        entries.push(entry)
        zip.readEntry()
      })
      zip.on('end', () => done(entries))
      zip.on('error', fail)
      zip.readEntry()
    })
  } finally {
    zip.close()
  }
}

function contentOf(zip: ZipFile, entry: Entry): Promise<Readable> {
  return new Promise((done, fail) => zip.openReadStream(entry, (error, stream) => (error ? fail(error) : done(stream))))
}

/** The folder that all paths begin with, with its slash; empty if there is none. */
function commonFolder(paths: readonly string[]): string {
  const [first = ''] = paths
  const top = first.slice(0, first.indexOf('/') + 1)
  return top !== '' && paths.every((path) => path.startsWith(top)) ? top : ''
}

/** A path in a folder. yauzl has refused names that lead out of it; this holds whatever it lets pass. */
function inside(folder: string, name: string): string {
  const path = resolve(join(folder, name))
  if (path.startsWith(resolve(folder) + sep)) return path
  throw new Error(`the entry ${JSON.stringify(name)} leads out of the folder`)
}
