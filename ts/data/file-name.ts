// The format of a file by the ending of its name.
import { streamed } from './stream.ts'

const ending = (path: string | URL) => String(path).toLowerCase()

/** Whether a file of this name is compressed. */
export function isGzip(path: string | URL): boolean {
  return ending(path).endsWith('.gz')
}

/** The format of the rows in a file of this name. */
export function formatOf(path: string | URL): 'csv' | 'json-lines' {
  return /\.(jsonl|ndjson)(\.gz)?$/.test(ending(path)) ? 'json-lines' : 'csv'
}

/** The bytes compressed by gzip. */
export async function* gzipped(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const { readable, writable } = new CompressionStream('gzip')
  const writer = writable.getWriter()
  const pack = async () => {
    for await (const piece of bytes) await writer.write(piece as BufferSource)
    await writer.close()
  }
  // Errors of the input become errors of the output.
  pack().catch((error: unknown) => writer.abort(error))
  yield* streamed(readable)
}
