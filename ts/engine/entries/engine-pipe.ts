// The engine on standard input and output, for programs in other languages: a frame with a call is answered by a frame with
// its value or its error. It ends with its input, and after a crash.
//
//   question: { call, args }, where { "$file": path } stands for the bytes of a file
//   answer:   { value } or { error: { code, message, details } }
import { readFileSync, readSync, writeSync } from 'node:fs'
import { messageOf, TastespaceError } from '../../errors.ts'
import { DirectEngine } from '../direct.ts'
import { type Head, LENGTH_BYTES, packFrame, unpackFrame } from '../frames.ts'
import { nodeEngineHost } from '../host-node.ts'
import type { Call } from '../protocol.ts'

const [STDIN, STDOUT] = [0, 1]

const engine = await DirectEngine.start({ build: 'st', threads: 1 }, nodeEngineHost)

for (let length = read(LENGTH_BYTES); length; length = read(LENGTH_BYTES)) {
  const head: Head = JSON.parse(new TextDecoder().decode(needed(new DataView(length.buffer).getUint32(0, true))))
  const { call, args } = unpackFrame(head, needed) as Call
  try {
    write({ value: engine.call({ call, args: args.map(content) } as Call) ?? null })
  } catch (thrown) {
    if (!(thrown instanceof TastespaceError)) crash(messageOf(thrown))
    else write({ error: thrown.toJSON() })
  }
}

function crash(reason: string): never {
  write({ error: new TastespaceError('engine/crashed', `the engine crashed: ${reason}`, { reason }).toJSON() })
  process.exit(1)
}

/** An argument, or the file that it names. */
function content(argument: unknown): unknown {
  if (typeof argument !== 'object' || argument === null || !('$file' in argument)) return argument
  return readFileSync(String(argument.$file))
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
