import { readSync, writeSync } from 'node:fs'
import { messageOf, TastespaceError } from '../errors.ts'
import { type Head, LENGTH_BYTES, packFrame, unpackFrame } from './frames.ts'

const [STDIN, STDOUT] = [0, 1]

/** A call on a pipe. */
interface Question {
  readonly call: string
  readonly args: readonly unknown[]
}

/**
 * Answers calls on standard input, one at a time, until it ends: a frame with `{ call, args }` by a frame with `{ value }` or
 * `{ error: { code, message, details } }`. An error of another class than TastespaceError ends the process.
 */
export async function servePipe(answer: (call: string, args: readonly unknown[]) => unknown): Promise<void> {
  for (let length = read(LENGTH_BYTES); length; length = read(LENGTH_BYTES)) {
    const head: Head = JSON.parse(new TextDecoder().decode(needed(new DataView(length.buffer).getUint32(0, true))))
    const { call, args } = unpackFrame(head, needed) as Question
    try {
      write({ value: (await answer(call, args)) ?? null })
    } catch (thrown) {
      if (!(thrown instanceof TastespaceError)) crash(messageOf(thrown))
      else write({ error: thrown.toJSON() })
    }
  }
  process.exit()
}

function crash(reason: string): never {
  write({ error: new TastespaceError('engine/crashed', `the engine crashed: ${reason}`, { reason }).toJSON() })
  process.exit(1)
}

/** The next bytes of the input; undefined at its end. */
function read(bytes: number): Uint8Array<ArrayBuffer> | undefined {
  const found = new Uint8Array(bytes)
  for (let from = 0; from < bytes; ) {
    const count = readSync(STDIN, found, from, bytes - from, null)
    if (count === 0) return undefined
    from += count
  }
  return found
}

function needed(bytes: number): Uint8Array<ArrayBuffer> {
  const found = read(bytes)
  if (!found) throw new Error('the input ended within a frame')
  return found
}

function write(value: object): void {
  for (const piece of packFrame(value)) {
    for (let from = 0; from < piece.length; ) from += writeSync(STDOUT, piece, from)
  }
}
