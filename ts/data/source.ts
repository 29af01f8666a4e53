import { badArgument, checkPath } from '../arguments.ts'
import { TastespaceError } from '../errors.ts'
import { files } from '../platform/platform.ts'
import { isBytes } from '../realm.ts'
import { streamed } from './stream.ts'

/** A source of bytes: a path or file URL (in Node), a `File` or `Blob`, bytes, or a stream of bytes. */
export type Source = string | URL | Blob | Uint8Array | ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>

/** A name for messages, and the bytes in pieces. */
export interface Opened {
  readonly name: string
  readonly chunks: AsyncIterable<Uint8Array>
}

/** Whether it is a source, not a description of one. */
export function isSource<Described extends { readonly source: unknown }>(value: Source | Described): value is Source {
  return typeof value !== 'object' || value === null || !('source' in value)
}

/** Opens a source, the argument `argument` of a function; text is a path. */
export function open(where: string, source: Source, argument = 'source'): Opened {
  if (typeof source === 'string') return { name: source, chunks: files().read(checkPath(where, source, argument)) }
  if (source instanceof URL) return { name: source.pathname, chunks: files().read(checkPath(where, source, argument)) }
  if (isBytes(source)) return { name: 'data', chunks: pieces(source) }
  if (source instanceof Blob) {
    return { name: 'name' in source ? String(source.name) : 'data', chunks: streamed(source.stream()) }
  }
  if (source instanceof ReadableStream && !source.locked)
    return { name: 'data', chunks: bytesOnly(where, streamed(source)) }
  const stream = typeof source === 'object' && source !== null && Symbol.asyncIterator in source
  if (stream && !(source instanceof ReadableStream)) {
    return { name: 'data', chunks: bytesOnly(where, source) }
  }
  throw badArgument(
    where,
    argument,
    source,
    'a path, a file URL, a File or Blob, bytes, or a stream of bytes that is not being read',
  )
}

/** The chunks of a caller's stream, which may hold anything. */
async function* bytesOnly(where: string, chunks: AsyncIterable<unknown>): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    if (!isBytes(chunk)) throw badArgument(where, 'a chunk of the stream', chunk, 'a Uint8Array')
    yield chunk
  }
}

/** All bytes of a source, and whether nobody else has them. */
export async function readAll(
  where: string,
  source: Source,
): Promise<{ readonly name: string; readonly bytes: Uint8Array; readonly own: boolean }> {
  const { name, chunks } = open(where, source)
  // At once where possible: joining pieces would block the caller's thread.
  if (isBytes(source)) return { name, bytes: source, own: false }
  if (source instanceof Blob) return { name, bytes: new Uint8Array(await source.arrayBuffer()), own: true }
  const path = typeof source === 'string' || source instanceof URL
  return { name, bytes: (path ? await wholeFile(source) : undefined) ?? (await joined(name, chunks)), own: true }
}

/** The bytes of a file; undefined for a pipe, a device, or a file of unknown size, such as those of `/proc`. */
async function wholeFile(path: string | URL): Promise<Uint8Array | undefined> {
  const file = await files().open(path)
  try {
    return file && file.size > 0 ? await file.read(0, file.size) : undefined
  } finally {
    await file?.close()
  }
}

/** Bytes of a stream at most: what an engine can hold. A device such as `/dev/zero` has no end. */
const MOST = 2 ** 32

async function joined(name: string, chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let length = 0
  for await (const chunk of chunks) {
    parts.push(chunk)
    length += chunk.length
    if (length > MOST) {
      const message = `${name} has more than 4 GiB, which is more than an engine can hold: expected the file of a model or of a history`
      throw new TastespaceError('memory/too-large', message, { file: name, limit: MOST })
    }
  }
  const whole = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

/** Bytes sent to the engine at a time: large enough that the message costs little in comparison. */
const PIECE = 1 << 20

async function* pieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += PIECE) yield bytes.subarray(start, start + PIECE)
}
