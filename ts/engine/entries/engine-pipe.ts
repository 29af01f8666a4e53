// The engine on standard input and output, for programs in other languages. `{ "$file": path }` stands for the bytes of a file.
import { readFileSync } from 'node:fs'
import { DirectEngine } from '../direct.ts'
import { nodeEngineHost } from '../host-node.ts'
import { servePipe } from '../pipe.ts'
import type { Call } from '../protocol.ts'

const engine = await DirectEngine.start({ build: 'st', threads: 1 }, nodeEngineHost)
await servePipe((call, args) => engine.call({ call, args: args.map(content) } as Call))

/** An argument, or the file that it names. */
function content(argument: unknown): unknown {
  if (typeof argument !== 'object' || argument === null || !('$file' in argument)) return argument
  return readFileSync(String(argument.$file))
}
