import { constants, openSync } from 'node:fs'
import { Socket } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { isBytes } from '../realm.ts'
import type { FileContent } from './platform.ts'

/**
 * Reads a named pipe. Unlike the functions for files, which keep a thread waiting for a writer, this does not keep the process
 * from ending.
 */
export function readPipe(path: string | URL): AsyncIterable<Uint8Array> {
  return new Socket({ fd: openSync(path, constants.O_RDONLY | constants.O_NONBLOCK), readable: true, writable: false })
}

/** Writes to a pipe, whose reader may be slow, in the same way. */
export async function writePipe(path: string | URL, content: FileContent): Promise<void> {
  const pieces = typeof content === 'string' || isBytes(content) ? [content] : content
  const fd = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK)
  await pipeline(Readable.from(pieces), new Socket({ fd, readable: false, writable: true }))
}
