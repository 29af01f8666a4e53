import { TastespaceError } from '../../index.ts'

/**
 * Keeps the program going when standard output or standard error fails: a reader that has seen enough, a full disk. The
 * result of the work may go to a file.
 */
export function surviveFailedOutput(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
}

/** Writes a line of news to standard error, whether it arrives or not. */
export function tell(line: string): void {
  try {
    process.stderr.write(`${line}\n`)
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
