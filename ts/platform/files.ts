import { badArgument, checkPath } from '../arguments.ts'
import { isBytes } from '../realm.ts'
import { type FileContent, files } from './platform.ts'

/**
 * Writes a file completely or not at all: readers see the old file or the new one, never a part. An existing file hands down
 * its permissions and its owner; a symbolic link stays one, and the file that it leads to is written. Other hard links of an
 * existing file keep the old content.
 *
 * @example
 * await writeFile('generated.csv', Dataset.syntheticCSV({ ratings: 10_000_000 }))
 *
 * @throws `file/disk-full`, `file/no-access`, `file/not-plain` for a named pipe or a device, and other `file/…` codes;
 * `file/no-file-system` in browsers
 */
export async function writeFile(path: string | URL, content: FileContent): Promise<void> {
  const pieces = typeof content === 'object' && content !== null && Symbol.asyncIterator in content
  if (typeof content !== 'string' && !isBytes(content) && !pieces) {
    throw badArgument('writeFile', 'content', content, 'bytes, text or a stream of them')
  }
  await files().write(checkPath('writeFile', path), content)
}

/**
 * Rejects if a file cannot be written, so that hours of work do not end in that error.
 *
 * @example
 * await checkWritable('model.safetensors')
 *
 * @throws those of `writeFile`
 */
export async function checkWritable(path: string | URL): Promise<void> {
  await files().checkWritable(checkPath('checkWritable', path))
}
