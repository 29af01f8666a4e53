// One file over HTTP, into a folder that keeps downloads. An interrupted download is continued.
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { type FileHandle, mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { DownloadOptions } from '../data/fetch/types.ts'
import { TastespaceError } from '../errors.ts'
import { fileError } from './file-errors-node.ts'

/** A file to download. */
export interface Download {
  readonly url: string
  /** Address of a text with its MD5 checksum. */
  readonly md5: string | undefined
  /** Where it goes. */
  readonly path: string
  /** The publisher's page, for messages. */
  readonly page: string
}

/** Connections in a row that may bring nothing. */
const TRIES = 4
/** Milliseconds before the second try; twice as long before each further one. */
const PAUSE = 500

/** What identifies the file that a part is of. */
interface Part {
  readonly url: string
  /** A strong ETag or a date. */
  readonly validator: string | null
  readonly total: number | null
}

/**
 * Downloads a file, unless it is there. Until it is whole and verified, its bytes are in a file beside it. Returns whether the
 * publisher's checksum was compared, and whether the file was there.
 */
export async function download(
  wanted: Download,
  options: DownloadOptions,
): Promise<{ verified: true | null; cached: boolean }> {
  const { path } = wanted
  try {
    await mkdir(dirname(path), { recursive: true })
    if (await exists(path)) return { verified: (await exists(verifiedMark(path))) ? true : null, cached: true }
    return await locked(path, () => downloadNew(wanted, options))
  } catch (error) {
    throw fileError(error, path, 'written')
  }
}

async function downloadNew(
  wanted: Download,
  options: DownloadOptions,
): Promise<{ verified: true | null; cached: boolean }> {
  const { path } = wanted
  const sum = wanted.md5 === undefined ? undefined : await checksumAt(wanted.md5, wanted, options)
  for (;;) {
    const { resumed } = await downloadPart(wanted, options)
    const found = sum === undefined ? undefined : await md5Of(partOf(path))
    if (found === sum) break
    await removePart(path)
    // The earlier part may have been of another version of the file.
    if (resumed) continue
    const message =
      `${wanted.url} does not have the checksum that its publisher gives: ${found}, expected ${sum}. ` +
      `It was removed; try again later, or see ${wanted.page}`
    throw new TastespaceError('fetch/wrong-checksum', message, { url: wanted.url, found, expected: sum })
  }
  if (sum !== undefined) await writeFile(verifiedMark(path), sum)
  await rename(partOf(path), path)
  await rm(partInfo(path), { force: true })
  return { verified: sum === undefined ? null : true, cached: false }
}

/** Holds a file for one process while it is downloaded. The hold of a process that is gone does not count. */
async function locked<Result>(path: string, use: () => Promise<Result>): Promise<Result> {
  const lock = `${path}.lock`
  for (;;) {
    try {
      await writeFile(lock, String(process.pid), { flag: 'wx' })
      break
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
      const holder = Number(await readFile(lock, 'utf8').catch(() => ''))
      if (isRunning(holder)) {
        const message = `process ${holder} is downloading ${basename(path)}: wait for it, or end it and remove ${lock}`
        throw new TastespaceError('fetch/busy', message, { process: holder, lock })
      }
      await rm(lock, { force: true })
    }
  }
  try {
    return await use()
  } finally {
    await rm(lock, { force: true })
  }
}

function isRunning(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // A process of another user.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

const partOf = (path: string) => `${path}.part`
const partInfo = (path: string) => `${path}.part.json`
const verifiedMark = (path: string) => `${path}.md5`

async function partSize(path: string): Promise<number> {
  return (await sizeOf(partOf(path))) ?? 0
}

async function removePart(path: string): Promise<void> {
  await Promise.all([rm(partOf(path), { force: true }), rm(partInfo(path), { force: true })])
}

async function exists(path: string): Promise<boolean> {
  return (await sizeOf(path)) !== undefined
}

/** Downloads the missing bytes of a file. A lost connection is tried again, from where it was lost. */
async function downloadPart(wanted: Download, options: DownloadOptions): Promise<{ resumed: boolean }> {
  let tries = 0
  let resumed = false
  for (;;) {
    const before = await partSize(wanted.path)
    try {
      const took = await oneConnection(wanted, options)
      return { resumed: resumed || took.resumed > 0 }
    } catch (error) {
      options.signal?.throwIfAborted()
      if (!(error instanceof Lost)) throw error
      const after = await partSize(wanted.path)
      tries = after > before ? 0 : tries + 1
      resumed ||= after > 0
      if (tries >= TRIES) throw interrupted(wanted, error, after)
      await pause(tries, options.signal)
    }
  }
}

/** Waits before another try. Rejects with the reason of the signal. */
async function pause(tries: number, signal: AbortSignal | undefined): Promise<void> {
  await delay(PAUSE * 2 ** tries, undefined, signal ? { signal } : {}).catch(() => signal?.throwIfAborted())
}

/** A connection that did not come about, or that ended early. */
class Lost extends Error {}

function interrupted({ url, page }: Download, { message: reason }: Lost, bytes: number): TastespaceError {
  const message =
    bytes > 0
      ? `the download of ${url} was interrupted: ${reason}. ${bytes} bytes are kept: run it again, and it continues.`
      : `${url} cannot be downloaded: ${reason}. Check the network, or see ${page} for other ways`
  return new TastespaceError('fetch/interrupted', message, { url, reason, bytes })
}

/** Undefined if there is no such file. */
async function sizeOf(path: string): Promise<number | undefined> {
  return (await stat(path).catch(() => undefined))?.size
}

/** Asks for the bytes from the end of the part on, and appends them. */
async function oneConnection(wanted: Download, options: DownloadOptions): Promise<{ resumed: number }> {
  const { url, path } = wanted
  const known = await infoOf(path, url)
  const have = known?.validator ? await partSize(path) : 0
  if (known && have > 0 && have === known.total) return { resumed: have }
  const headers = have > 0 && known?.validator ? { range: `bytes=${have}-`, 'if-range': known.validator } : {}
  const { response, alive, end } = await request(wanted, url, headers, options)
  try {
    const start = response.status === 206 ? rangeStart(response) : 0
    const changed = response.status === 206 && validatorOf(response) !== known?.validator
    // Also where the part is longer than the file.
    if (response.status === 416 || changed || (response.status === 206 && start !== have)) {
      await removePart(path)
      throw new Lost(`the server has another ${basename(path)} than before`)
    }
    const length = Number(response.headers.get('content-length') ?? Number.NaN)
    const total = Number.isFinite(length) ? start + length : null
    const info: Part = { url, validator: validatorOf(response), total }
    if (start === 0) await writeFile(partInfo(path), JSON.stringify(info))
    await append(response, wanted, { start, total, alive }, options)
    return { resumed: start }
  } finally {
    end()
  }
}

async function append(
  response: Response,
  { path }: Download,
  { start, total, alive }: { start: number; total: number | null; alive: () => void },
  { onProgress }: DownloadOptions,
): Promise<void> {
  const file = await open(partOf(path), start > 0 ? 'a' : 'w')
  let bytes = start
  const report = () => {
    onProgress?.({ step: 'download', file: basename(path), bytes, resumed: start, ...(total !== null && { total }) })
  }
  try {
    report()
    for await (const chunk of body(response)) {
      alive()
      await writeAll(file, chunk)
      bytes += chunk.length
      report()
    }
    await file.sync()
  } finally {
    await file.close()
  }
  if (total !== null && bytes < total) throw new Lost(`it ended after ${bytes} of ${total} bytes`)
  if (total !== null && bytes > total) {
    await removePart(path)
    throw new Lost(`${bytes} bytes came instead of ${total}`)
  }
}

async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; ) at += (await file.write(bytes, at)).bytesWritten
}

/** The bytes of an answer; where its connection ends early, the error is `Lost`. */
async function* body(response: Response): AsyncGenerator<Uint8Array> {
  const reader = response.body?.getReader()
  if (!reader) return
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((error: unknown) => {
        throw new Lost(reasonOf(error))
      })
      if (done) return
      yield value
    }
  } finally {
    await reader.cancel().catch(() => {})
  }
}

/** Sends a request. `alive` starts the timeout again, after which the answer ends; `end` ends it at once. */
async function request(
  wanted: Download,
  url: string,
  headers: Record<string, string>,
  { timeout, signal }: DownloadOptions,
) {
  const controller = new AbortController()
  const lost = () => controller.abort(new Error(`nothing came for ${timeout} seconds`))
  let timer = setTimeout(lost, timeout * 1000)
  const alive = () => {
    clearTimeout(timer)
    timer = setTimeout(lost, timeout * 1000)
  }
  const abort = () => controller.abort(signal?.reason)
  signal?.throwIfAborted()
  signal?.addEventListener('abort', abort)
  const end = () => {
    clearTimeout(timer)
    signal?.removeEventListener('abort', abort)
    controller.abort()
  }
  try {
    // Not compressed on the way: sizes and ranges are those of the file.
    const asked = { headers: { 'accept-encoding': 'identity', ...headers }, signal: controller.signal }
    const response = await fetch(url, asked).catch((error: unknown) => {
      throw new Lost(reasonOf(error))
    })
    refuse(wanted, url, response)
    return { response, alive, end }
  } catch (error) {
    end()
    throw error
  }
}

/** Refuses an answer that is not the file. */
function refuse({ page }: Download, url: string, response: Response): void {
  const { status, statusText } = response
  if (url.startsWith('https:') && !response.url.startsWith('https:')) {
    const message = `${url} leads to ${response.url}, which is not encrypted; see ${page}`
    throw new TastespaceError('fetch/failed', message, { url, location: response.url })
  }
  if (status === 200 || status === 206 || status === 416) return
  if (status >= 500 || status === 429 || status === 408) throw new Lost(`the server answered ${status} ${statusText}`)
  const message = `${url} cannot be downloaded: the server answered ${status} ${statusText}; see ${page}`
  throw new TastespaceError('fetch/failed', message, { url, status })
}

function rangeStart(response: Response): number {
  const [, start] = /^bytes (\d+)-/.exec(response.headers.get('content-range') ?? '') ?? []
  return start === undefined ? -1 : Number(start)
}

/** A strong ETag, or the date of the last change. */
function validatorOf({ headers }: Response): string | null {
  const etag = headers.get('etag')
  return etag && !etag.startsWith('W/') ? etag : headers.get('last-modified')
}

async function infoOf(path: string, url: string): Promise<Part | undefined> {
  try {
    const info: Part = JSON.parse(await readFile(partInfo(path), 'utf8'))
    return info.url === url ? info : undefined
  } catch {
    return undefined
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error && error.cause.message !== '' ? error.cause.message : error.message
}

/** The publisher's checksum; undefined where the publisher has none at that address. */
async function checksumAt(url: string, wanted: Download, options: DownloadOptions): Promise<string | undefined> {
  for (let tries = 0; ; tries++) {
    try {
      const { response, end } = await request(wanted, url, {}, options)
      const text = await response.text().finally(end)
      const [sum] = /\b[0-9a-f]{32}\b/i.exec(text) ?? []
      if (sum !== undefined) return sum.toLowerCase()
      const message = `${url} has no MD5 checksum in its ${text.length} characters; see ${wanted.page}`
      throw new TastespaceError('fetch/failed', message, { url })
    } catch (error) {
      options.signal?.throwIfAborted()
      if (error instanceof TastespaceError && error.details.status === 404) return undefined
      if (error instanceof TastespaceError) throw error
      if (tries >= TRIES) throw interrupted({ ...wanted, url }, new Lost(reasonOf(error)), 0)
      await pause(tries, options.signal)
    }
  }
}

async function md5Of(path: string): Promise<string> {
  const hash = createHash('md5')
  for await (const chunk of createReadStream(path)) hash.update(chunk)
  return hash.digest('hex')
}
