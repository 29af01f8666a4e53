import { randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import { TastespaceError } from './errors.ts'
import type { Files } from './platform.ts'

/** Bytes read at a time. */
const CHUNK = 1 << 20

export const nodeFiles: Files = { read, write }

async function* read(path: string | URL): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: CHUNK })) yield chunk
  } catch (error) {
    throw fileError(error, path, 'read')
  }
}

/** Writes beside the file, flushes, and renames: whoever looks sees the old file or the new one, never a part. */
async function write(path: string | URL, bytes: Uint8Array): Promise<void> {
  const aside = `${path instanceof URL ? path.pathname : path}.tmp-${randomBytes(4).toString('hex')}`
  try {
    const file = await open(aside, 'wx')
    try {
      await file.writeFile(bytes)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(aside, path)
  } catch (error) {
    await rm(aside, { force: true })
    throw fileError(error, path, 'written')
  }
}

const REASONS: Readonly<Record<string, readonly [code: string, reason: string]>> = {
  ENOENT: ['file/not-found', 'there is no such file or folder'],
  EACCES: ['file/no-access', 'access is denied'],
  EPERM: ['file/no-access', 'access is denied'],
  EISDIR: ['file/is-folder', 'it is a folder'],
  ENOTDIR: ['file/not-found', 'a part of its path is no folder'],
  ENOSPC: ['file/disk-full', 'the disk is full'],
  EDQUOT: ['file/disk-full', 'the disk quota is used up'],
  EROFS: ['file/no-access', 'the file system is read-only'],
}

/** What a person can make of a failed system call; anything that came from elsewhere passes through. */
function fileError(error: unknown, path: string | URL, done: 'read' | 'written'): unknown {
  const errno = error instanceof Error && 'code' in error && 'syscall' in error ? String(error.code) : undefined
  if (errno === undefined) return error
  const [code, reason] = REASONS[errno] ?? ['file/io', error instanceof Error ? error.message : errno]
  return new TastespaceError(code, `${path} cannot be ${done}: ${reason}`, { file: String(path), errno })
}
