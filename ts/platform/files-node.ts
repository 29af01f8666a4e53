import { randomBytes } from 'node:crypto'
import { createReadStream, existsSync, rmSync } from 'node:fs'
import { open, realpath, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { TastespaceError } from '../errors.ts'
import type { FileContent, Files, RandomAccess } from './platform.ts'

/** Bytes read at a time. */
const CHUNK = 1 << 20

export const nodeFiles: Files = { read, open: openFile, write, append, checkWritable }

async function* read(path: string | URL): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: CHUNK })) yield chunk
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

/** Files that are being written, which are removed when the process exits early. */
const unfinished = new Set<string>()

function removeUnfinished(): void {
  for (const path of unfinished) rmSync(path, { recursive: true, force: true })
}

/** Writes to a temporary file next to it, flushes, and renames: readers see the old file or the new one, never a part. */
async function write(path: string | URL, content: FileContent): Promise<void> {
  try {
    const target = await targetOf(path)
    // A device or a pipe is written directly, since renaming would replace it.
    if (!target.replaceable) return await fill(target.path, 'w', content)
    await aside(target.path, async (temporary) => {
      await fill(temporary, 'wx', content)
      await rename(temporary, target.path)
    })
  } catch (error) {
    throw fileError(error, path, 'written')
  }
}

async function append(path: string | URL, text: string): Promise<void> {
  try {
    const file = await open(path, 'a')
    try {
      await file.appendFile(text)
      await file.sync()
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
    // By trying: a file system can be read-only despite the permissions.
    if (target.replaceable) await aside(target.path, (temporary) => fill(temporary, 'wx', ''))
  } catch (error) {
    throw fileError(error, path, 'written')
  }
}

/** The path behind links, and whether it is free or a plain file, which can be replaced. */
async function targetOf(path: string | URL): Promise<{ path: string; replaceable: boolean }> {
  const real = await realpath(path).catch(() => (path instanceof URL ? fileURLToPath(path) : path))
  const there = await stat(real).catch(() => undefined)
  if (there?.isDirectory()) throw refused('EISDIR', path, 'written')
  return { path: real, replaceable: there?.isFile() ?? true }
}

/** Calls `use` with the name of a temporary file or folder, which is removed in any case. */
export async function aside(path: string, use: (temporary: string) => Promise<void>): Promise<void> {
  const temporary = `${path}.tmp-${randomBytes(4).toString('hex')}`
  if (unfinished.size === 0) process.on('exit', removeUnfinished)
  unfinished.add(temporary)
  try {
    await use(temporary)
  } finally {
    await rm(temporary, { recursive: true, force: true })
    unfinished.delete(temporary)
    if (unfinished.size === 0) process.off('exit', removeUnfinished)
  }
}

async function fill(path: string, flags: 'w' | 'wx', content: FileContent): Promise<void> {
  const file = await open(path, flags)
  try {
    await writeFile(file, content)
    // Pipes and devices cannot be flushed.
    if (flags === 'wx') await file.sync()
  } finally {
    await file.close()
  }
}

const REASONS: Readonly<Record<string, readonly [code: string, reason: string]>> = {
  ENOENT: ['file/not-found', 'there is no such file or folder'],
  EACCES: ['file/no-access', 'access is denied'],
  EPERM: ['file/no-access', 'access is denied'],
  EISDIR: ['file/is-folder', 'it is a folder'],
  ENOTDIR: ['file/not-found', 'a part of its path is not a folder'],
  ENOSPC: ['file/disk-full', 'the disk is full'],
  EDQUOT: ['file/disk-full', 'the disk quota is used up'],
  EFBIG: ['file/too-large', 'it would exceed the limit on file sizes'],
  EROFS: ['file/no-access', 'the file system is read-only'],
}

/** The outermost folder of a path that does not exist. */
function missingFolder(path: string | URL): string | undefined {
  let missing: string | undefined
  let folder = dirname(path instanceof URL ? fileURLToPath(path) : path)
  while (folder !== missing && !existsSync(folder)) {
    missing = folder
    folder = dirname(folder)
  }
  return missing
}

/** A readable error for a failed system call. Other errors are returned unchanged. */
export function fileError(error: unknown, path: string | URL, done: 'read' | 'written'): unknown {
  const isSystems = error instanceof Error && 'code' in error && 'syscall' in error
  return isSystems ? refused(String(error.code), path, done, error.message) : error
}

function refused(errno: string, path: string | URL, done: 'read' | 'written', message = errno): TastespaceError {
  const [code, known] = REASONS[errno] ?? ['file/io', message]
  const folder = errno === 'ENOENT' ? missingFolder(path) : undefined
  const reason = folder === undefined ? known : `there is no folder ${folder}`
  return new TastespaceError(code, `${path} cannot be ${done}: ${reason}`, { file: String(path), errno })
}
