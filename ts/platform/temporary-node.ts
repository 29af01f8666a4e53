import { createHash, randomBytes } from 'node:crypto'
import { readFileSync, readlinkSync, rmSync } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { hostname } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { errorCode } from '../realm.ts'

/** Bytes of the longest file name of common file systems. */
const LONGEST_NAME = 255

/** The end of a temporary name: the machine, the process, when that started, and a random part. */
const SUFFIX = /\.tmp-([0-9a-f]{6})-(\d+)-([0-9a-z]+)-[0-9a-f]{6}$/

/** Temporary files and folders of this process, which are removed when it exits early. */
const unfinished = new Set<string>()

function removeUnfinished(): void {
  for (const path of unfinished) {
    try {
      rmSync(path, { recursive: true, force: true })
    } catch {
      // The next run that writes the same file tries again.
    }
  }
}

/**
 * Calls `use` with the name of a temporary file or folder next to `path`, which is removed in any case. Those that killed
 * processes left for the same path are removed too.
 */
export async function aside(path: string, use: (temporary: string) => Promise<void>): Promise<void> {
  await removeStale(path)
  const temporary = temporaryOf(path)
  if (unfinished.size === 0) process.on('exit', removeUnfinished)
  unfinished.add(temporary)
  try {
    await use(temporary)
  } finally {
    // An error of `use` is the one to report.
    await rm(temporary, { recursive: true, force: true }).catch(() => {})
    unfinished.delete(temporary)
    if (unfinished.size === 0) process.off('exit', removeUnfinished)
  }
}

function temporaryOf(path: string): string {
  const suffix = `.tmp-${machine()}-${process.pid}-${startOf(process.pid) ?? '0'}-${randomBytes(3).toString('hex')}`
  return join(dirname(path), startOfName(path) + suffix)
}

/** As much of the name of a file as fits into the name of a temporary one. */
function startOfName(path: string): string {
  let name = basename(path)
  // The longest suffix has 38 bytes.
  while (Buffer.byteLength(name) > LONGEST_NAME - 48) name = [...name].slice(0, -1).join('')
  return name
}

/** Removes what processes left that were killed while they wrote this file. */
async function removeStale(path: string): Promise<void> {
  const [folder, start] = [dirname(path), startOfName(path)]
  const names = await readdir(folder).catch(() => [])
  for (const name of names) {
    const [suffix, of, pid, started] = name.startsWith(start) ? (SUFFIX.exec(name) ?? []) : []
    if (suffix === undefined || name !== start + suffix || of !== machine()) continue
    if (isRunning(Number(pid), started)) continue
    await rm(join(folder, name), { recursive: true, force: true }).catch(() => {})
  }
}

/** Whether a process still runs, and not another one of the same number. */
function isRunning(pid: number, started: string | undefined): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    // It runs as another user.
    return errorCode(error) === 'EPERM'
  }
  return (startOf(pid) ?? '0') === started
}

/** When a process started, in units of the system; undefined where that is unknown. */
function startOf(pid: number): string | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // After the name of the program, which may hold spaces and brackets: the 22nd field of all.
    return Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[19]).toString(36)
  } catch {
    return undefined
  }
}

let known: string | undefined

/** What tells apart machines, and containers on one of them, that share a folder: process numbers are their own. */
function machine(): string {
  known ??= createHash('sha256')
    .update(hostname() + processes())
    .digest('hex')
    .slice(0, 6)
  return known
}

function processes(): string {
  try {
    return readlinkSync('/proc/self/ns/pid')
  } catch {
    return ''
  }
}
