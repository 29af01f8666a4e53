import { TastespaceError } from '../../index.ts'
import { wrapped } from './table.ts'
import { visible } from './visible.ts'

/**
 * Keeps the program going when standard output or standard error fails: a reader that has seen enough, a full disk. The
 * result of the work may go to a file.
 */
export function surviveFailedOutput(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
}

/** Writes a message to standard error, whether it arrives or not: in a terminal as lines that fit, otherwise as one line. */
export function tell(message: string, fit = true): void {
  const { isTTY, columns } = process.stderr
  try {
    process.stderr.write(`${visible(isTTY && fit ? wrapped(message, '', '  ', columns || 80) : message)}\n`)
  } catch {
    // A full disk; there is no other place for the message.
  }
}

/** Writes a result to standard output. A reader that has seen enough is no error; a result that is lost is one. */
export async function writeResult(text: string): Promise<void> {
  try {
    await new Promise<void>((resolve, reject) => {
      process.stdout.write(`${text}\n`, (error) => (error ? reject(error) : resolve()))
    })
  } catch (error) {
    const { code = '', message = '' }: NodeJS.ErrnoException = error instanceof Error ? error : new Error(String(error))
    if (code === 'EPIPE' || code === 'ERR_STREAM_DESTROYED') return
    const reason = code === 'ENOSPC' ? 'the disk is full' : message
    throw new TastespaceError('file/output', `the result cannot be written to standard output: ${reason}`, {
      errno: code,
    })
  }
}
