import { constants, type Stats } from 'node:fs'
import { access, lstat, open, readlink, realpath, stat } from 'node:fs/promises'
import { devNull } from 'node:os'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { TastespaceError } from '../errors.ts'
import { errorCode } from '../realm.ts'
import { badName, isNotUnicode, refused } from './file-errors-node.ts'

/** Where the content of a path goes. */
export interface Target {
  /** The path behind links. */
  readonly path: string
  /** The plain file that is there and is replaced. */
  readonly old: Stats | undefined
  /** Written directly: a pipe or a device that the process was given. Renaming would replace it. */
  readonly stream: boolean
  /** Whether it is a pipe. */
  readonly pipe: boolean
}

/** Names of what the process has open, such as the pipes that a shell made for `>(command)`. */
const OPEN = /^\/(dev\/(stdin|stdout|stderr|tty|fd\/\d+)|proc\/(self|\d+)\/fd\/\d+)$/

/** The largest number of symbolic links in a row, as Linux has it. */
const LINKS = 40

/**
 * Finds out where a path leads. Refuses what is neither a plain file nor free: a folder, a file that is read-only, a named
 * pipe, which would wait for a reader, and devices other than the null device.
 */
export async function targetOf(path: string | URL): Promise<Target> {
  const named = path instanceof URL ? fileURLToPath(path) : path
  const there = await statOf(named)
  if (there?.isDirectory()) throw refused('EISDIR', path, 'written')
  if (!there) {
    if (isNotUnicode(path)) throw badName(path, 'written')
    return { path: await behindLinks(named), old: undefined, stream: false, pipe: false }
  }
  if (!there.isFile()) {
    if (there.isBlockDevice() || !(OPEN.test(resolve(named)) || named === devNull)) throw notPlain(path, there)
    return { path: named, old: undefined, stream: true, pipe: there.isFIFO() }
  }
  // An administrator could write a read-only file, but it is so for a reason.
  if ((there.mode & 0o222) === 0) throw readOnly(path)
  await access(named, constants.W_OK)
  return { path: await realpath(named), old: there, stream: false, pipe: false }
}

/** Refuses an existing file that cannot be opened for writing, such as a running program or an immutable file. */
export async function checkOpens({ path, old }: Target): Promise<void> {
  if (old) await (await open(path, 'r+')).close()
}

/** What is there; undefined where nothing is, such as behind a dangling link. */
async function statOf(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path)
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    throw error
  }
}

/** The path that symbolic links lead to, whether it is there or not. */
async function behindLinks(path: string): Promise<string> {
  let at = path
  for (let link = 0; link < LINKS; link++) {
    const isLink = await lstat(at).then(
      (stats) => stats.isSymbolicLink(),
      () => false,
    )
    if (!isLink) return at
    at = resolve(dirname(at), await readlink(at))
  }
  throw refused('ELOOP', path, 'written')
}

function notPlain(path: string | URL, there: Stats): TastespaceError {
  const what = there.isFIFO() ? 'a named pipe' : there.isSocket() ? 'a socket' : 'a device'
  const message = `${path} cannot be written: it is ${what}, and a plain file is needed; /dev/stdout writes to a pipe: --out /dev/stdout | …`
  return new TastespaceError('file/not-plain', message, { file: String(path) })
}

function readOnly(path: string | URL): TastespaceError {
  const message = `${path} cannot be written: it is read-only; give another name, or make it writable first`
  return new TastespaceError('file/no-access', message, { file: String(path) })
}
