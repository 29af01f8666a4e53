import { TastespaceError } from '../errors.ts'
import { files } from '../platform/platform.ts'
import { streamed } from './stream.ts'

/** Where bytes come from: a path (where there are files), a `File` or `Blob`, bytes or text, or a stream of bytes. */
export type Source = string | URL | Blob | Uint8Array | ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>

/** A name for messages, and the bytes piece by piece. */
export interface Opened {
  readonly name: string
  readonly chunks: AsyncIterable<Uint8Array>
}

/** Whether it is a source, and no description of one. */
export function isSource(value: object | string): value is Source {
  return typeof value !== 'object' || !('source' in value)
}

/** Opens a source; text is a path. */
export function open(source: Source): Opened {
  if (typeof source === 'string') return { name: source, chunks: files().read(source) }
  if (source instanceof URL) return { name: source.pathname, chunks: files().read(source) }
  if (source instanceof Uint8Array) return { name: 'data', chunks: pieces(source) }
  if (source instanceof Blob) {
    return { name: 'name' in source ? String(source.name) : 'data', chunks: streamed(source.stream()) }
  }
  if (source instanceof ReadableStream) return { name: 'data', chunks: streamed(source) }
  if (typeof source === 'object' && source !== null && Symbol.asyncIterator in source) {
    return { name: 'data', chunks: source }
  }
  throw new TastespaceError(
    'data/bad-source',
    `cannot read from ${typeof source}; accepted: a path, a URL of a file, a File or Blob, bytes, a stream of bytes`,
  )
}

/** All bytes of a source. They may be the source's own. */
export async function readAll(source: Source): Promise<{ readonly name: string; readonly bytes: Uint8Array }> {
  const { name, chunks } = open(source)
  // At once where that can be: putting pieces together would keep a page's thread busy.
  if (source instanceof Uint8Array) return { name, bytes: source }
  if (source instanceof Blob) return { name, bytes: new Uint8Array(await source.arrayBuffer()) }
  return { name, bytes: await joined(chunks) }
}

async function joined(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let length = 0
  for await (const chunk of chunks) {
    parts.push(chunk)
    length += chunk.length
  }
  const whole = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

/** Bytes handed to the engine at a time: each piece is a message, which should be worth its cost. */
const PIECE = 1 << 20

async function* pieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += PIECE) yield bytes.subarray(start, start + PIECE)
}
