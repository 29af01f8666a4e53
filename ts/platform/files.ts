import { badArgument, checkPath } from '../arguments.ts'
import { type FileContent, files } from './platform.ts'

/**
 * Writes a file completely or not at all: readers see the old file or the new one, never a part.
 *
 * @example
 * await writeFile('generated.csv', Dataset.syntheticCSV({ ratings: 10_000_000 }))
 *
 * @throws `file/disk-full`, `file/no-access` and other `file/…` codes; `file/no-file-system` in browsers
 */
export async function writeFile(path: string | URL, content: FileContent): Promise<void> {
  const pieces = typeof content === 'object' && content !== null && Symbol.asyncIterator in content
  if (typeof content !== 'string' && !(content instanceof Uint8Array) && !pieces) {
    throw badArgument('writeFile', 'content', content, 'bytes, text or a stream of them')
  }
  await files().write(checkPath('writeFile', path), content)
}

/** Rejects if a file cannot be written, so that hours of work do not end in that error. */
export async function checkWritable(path: string | URL): Promise<void> {
  await files().checkWritable(checkPath('checkWritable', path))
}
