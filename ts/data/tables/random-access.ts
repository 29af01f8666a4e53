import { badArgument, checkPath } from '../../arguments.ts'
import { files, type RandomAccess } from '../../platform/platform.ts'
import { isBytes } from '../../realm.ts'

/** A source whose bytes can be read in any order: a path or file URL (in Node), a `File` or `Blob`, or bytes. */
export type SeekableSource = string | URL | Blob | Uint8Array

/** A source that is open, with its name for messages. */
export interface Seekable extends RandomAccess {
  readonly name: string
}

/** Opens a source; text is a path. Undefined for a pipe or a device. */
export async function seekable(where: string, source: SeekableSource): Promise<Seekable | undefined> {
  if (typeof source === 'string' || source instanceof URL) {
    const file = await files().open(checkPath(where, source))
    return file && { name: source instanceof URL ? source.pathname : source, ...file }
  }
  if (isBytes(source)) {
    return { name: 'data', size: source.length, read: async (start, end) => source.subarray(start, end), close }
  }
  if (source instanceof Blob) {
    const read = async (start: number, end: number) => new Uint8Array(await source.slice(start, end).arrayBuffer())
    return { name: 'name' in source ? String(source.name) : 'data', size: source.size, read, close }
  }
  throw badArgument(where, 'source', source, 'a path, a file URL, a File or Blob, or bytes')
}

async function close(): Promise<void> {}
