import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { messageOf, TastespaceError } from '../errors.ts'
import { errorCode } from '../realm.ts'

/** What was tried with a file. */
export type Tried = 'read' | 'written'

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
  ENAMETOOLONG: ['file/bad-name', 'its name is longer than the file system accepts, usually 255 bytes'],
  ELOOP: ['file/bad-name', 'its symbolic links form a circle'],
  ENXIO: ['file/not-plain', 'it is a socket, or a device that is not there'],
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
export function fileError(error: unknown, path: string | URL, tried: Tried): unknown {
  const code = errorCode(error)
  if (code === 'ERR_ACCESS_DENIED') return notPermitted(path, tried)
  const isSystems = code !== undefined && typeof error === 'object' && error !== null && 'syscall' in error
  return isSystems ? refused(code, path, tried, messageOf(error)) : error
}

/** The error of a system call that failed with `errno`. */
export function refused(errno: string, path: string | URL, tried: Tried, message = errno): TastespaceError {
  if (errno === 'ENOENT' && isNotUnicode(path)) return badName(path, tried)
  const [code, known] = REASONS[errno] ?? ['file/io', message]
  const folder = errno === 'ENOENT' ? missingFolder(path) : undefined
  const reason = folder === undefined ? known : `there is no folder ${folder}`
  return new TastespaceError(code, `${path} cannot be ${tried}: ${reason}`, { file: String(path), errno })
}

/** Whether a path has the character that Node puts where a name is not UTF-8. */
export function isNotUnicode(path: string | URL): boolean {
  return (path instanceof URL ? fileURLToPath(path) : path).includes('\ufffd')
}

/** The error of a name that Node cannot express. */
export function badName(path: string | URL, tried: Tried): TastespaceError {
  const message = `${path} cannot be ${tried}: its name is not valid UTF-8, which Node needs; rename it`
  return new TastespaceError('file/bad-name', message, { file: String(path) })
}

/** The error of a file that Node was started without access to. */
function notPermitted(path: string | URL, tried: Tried): TastespaceError {
  const flag = tried === 'read' ? '--allow-fs-read' : '--allow-fs-write'
  const folder = tried === 'read' ? '' : ', of the folder since a temporary file is next to it'
  const message = `${path} cannot be ${tried}: Node was started with --permission and without access to it; add ${flag}=PATH${folder}`
  return new TastespaceError('file/no-access', message, { file: String(path), flag })
}
