import { createReadStream, type Stats } from 'node:fs'
import { type FileHandle, open, rename, stat, writeFile } from 'node:fs/promises'
import { fileError } from './file-errors-node.ts'
import { readPipe, writePipe } from './pipes-node.ts'
import type { FileContent, Files, RandomAccess } from './platform.ts'
import { checkOpens, targetOf } from './targets-node.ts'
import { aside } from './temporary-node.ts'

/** Bytes read at a time. */
const CHUNK = 1 << 20

export const nodeFiles: Files = { read, open: openFile, write, append, checkWritable }

async function* read(path: string | URL): AsyncGenerator<Uint8Array> {
  try {
    const isPipe = (await stat(path)).isFIFO()
    for await (const chunk of isPipe ? readPipe(path) : createReadStream(path, { highWaterMark: CHUNK })) yield chunk
  } catch (error) {
    throw fileError(error, path, 'read')
  }
}

async function openFile(path: string | URL): Promise<RandomAccess | undefined> {
  try {
    // First, since opening a pipe waits for a writer.
    if (!(await stat(path)).isFile()) return undefined
    const file = await open(path, 'r')
    const { size } = await file.stat()
    return {
      size,
      async read(start, end) {
        try {
          const bytes = new Uint8Array(Math.max(0, Math.min(end, size) - start))
          let filled = 0
          while (filled < bytes.length) {
            const { bytesRead } = await file.read(bytes, filled, bytes.length - filled, start + filled)
            if (bytesRead === 0) break
            filled += bytesRead
          }
          return bytes.subarray(0, filled)
        } catch (error) {
          throw fileError(error, path, 'read')
        }
      },
      close: () => file.close(),
    }
  } catch (error) {
    throw fileError(error, path, 'read')
  }
}

/**
 * Writes to a temporary file next to it, flushes, and renames: readers see the old file or the new one, never a part. A file
 * that is replaced hands down its permissions and its owner; a new one has those of the process.
 */
async function write(path: string | URL, content: FileContent): Promise<void> {
  try {
    const target = await targetOf(path)
    if (target.pipe) return await writePipe(target.path, content)
    if (target.stream) return await fill(target.path, 'w', content)
    await aside(target.path, async (temporary) => {
      await fill(temporary, 'wx', content, target.old)
      await rename(temporary, target.path)
    })
  } catch (error) {
    throw fileError(error, path, 'written')
  }
}

async function append(path: string | URL, text: string): Promise<void> {
  try {
    const target = await targetOf(path)
    const file = await open(target.path, 'a')
    try {
      await file.appendFile(text)
      if (!target.stream) await file.sync()
    } finally {
      await file.close()
    }
  } catch (error) {
    throw fileError(error, path, 'written')
  }
}

async function checkWritable(path: string | URL): Promise<void> {
  try {
    const target = await targetOf(path)
    if (target.stream) return
    await checkOpens(target)
    // By trying: a file system can be read-only despite the permissions.
    await aside(target.path, (temporary) => fill(temporary, 'wx', ''))
  } catch (error) {
    throw fileError(error, path, 'written')
  }
}

async function fill(path: string, flags: 'w' | 'wx', content: FileContent, like?: Stats): Promise<void> {
  // Of a file that others may not read, not even the temporary one is readable.
  const file = await open(path, flags, like ? 0o600 : 0o666)
  try {
    if (like) await handDown(file, like)
    await writeFile(file, content)
    // Pipes and devices cannot be flushed.
    if (flags === 'wx') await file.sync()
  } finally {
    await file.close()
  }
}

/** Gives a file the permissions and the owner of another. Where the group cannot be kept, it gets no access. */
async function handDown(file: FileHandle, { uid, gid, mode }: Stats): Promise<void> {
  const own = await file.stat()
  const kept = async (user: number, group: number) =>
    file.chown(user, group).then(
      () => true,
      () => false,
    )
  // Only an administrator can give a file to another user.
  const grouped = (own.uid === uid && own.gid === gid) || (await kept(uid, gid)) || (await kept(own.uid, gid))
  await file.chmod(mode & (grouped ? 0o777 : 0o707))
}
