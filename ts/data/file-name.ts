// What the ending of a file's name says of how it is written.
import { streamed } from './stream.ts'

const ending = (path: string | URL) => String(path).toLowerCase()

/** Whether a file of this name is packed. */
export function isGzip(path: string | URL): boolean {
  return ending(path).endsWith('.gz')
}

/** How the rows in a file of this name are written. */
export function formatOf(path: string | URL): 'csv' | 'json-lines' {
  return /\.(jsonl|ndjson)(\.gz)?$/.test(ending(path)) ? 'json-lines' : 'csv'
}

/** The same bytes packed by gzip. */
export async function* gzipped(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const { readable, writable } = new CompressionStream('gzip')
  const writer = writable.getWriter()
  const pack = async () => {
    for await (const piece of bytes) await writer.write(piece as BufferSource)
    await writer.close()
  }
  // What goes wrong with the bytes goes wrong with what is read.
  pack().catch((error: unknown) => writer.abort(error))
  yield* streamed(readable)
}
