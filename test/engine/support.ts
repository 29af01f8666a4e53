import { execFile } from 'node:child_process'
import { createEngine, type EngineOptions } from 'tastespace'
import type { EngineClient } from '../../ts/engine/client.ts'

/** An engine with its internal methods. */
export type TestEngine = EngineClient

/** Starts an engine, typed with its internal methods. */
export async function startEngine(options?: EngineOptions): Promise<TestEngine> {
  return (await createEngine(options)) as unknown as TestEngine
}

/** Runs `use` with an engine, and disposes the engine even on failure. */
export async function withEngine(options: EngineOptions, use: (engine: TestEngine) => Promise<void>): Promise<void> {
  const engine = await startEngine(options)
  try {
    await use(engine)
  } finally {
    engine.dispose()
  }
}

/** How a separate program is run. */
interface Surroundings {
  /** A module that is loaded before the program and before each of its workers. */
  readonly preload?: string
  /** Options for Node. */
  readonly flags?: readonly string[]
  /** Limit on the address space of the process, in GiB. */
  readonly addresses?: number
}

/** Runs a separate program in Node, with the package's exports in scope as `tastespace`. */
export function runInNode(
  program: string,
  { preload, flags = [], addresses }: Surroundings = {},
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const library = JSON.stringify(new URL('../../dist/index.mjs', import.meta.url))
  const source = `import * as tastespace from ${library}\n${program}`
  const node = [process.execPath, ...flags, '--input-type=module', '--eval', source]
  const limit = addresses === undefined ? 'unlimited' : String(addresses * 2 ** 20)
  // Set in the environment, which workers inherit.
  const env = preload === undefined ? process.env : { ...process.env, NODE_OPTIONS: `--import=${preload}` }
  return new Promise((resolve) => {
    const args = ['-c', 'ulimit -v "$0" && exec "$@"', limit, ...node]
    // A program that hangs is killed, and has no exit code.
    const child = execFile('sh', args, { env, timeout: 20_000 }, (_error, stdout, stderr) =>
      resolve({ code: child.exitCode, stdout, stderr }),
    )
  })
}

/** The outcome of each promise. Rejects if one stays pending too long. */
export async function settled(promises: readonly Promise<unknown>[]): Promise<PromiseSettledResult<unknown>[]> {
  const late = new Promise<never>((_resolve, reject) =>
    setTimeout(() => reject(new Error('something is pending still')), 10_000).unref(),
  )
  return Promise.race([Promise.allSettled(promises), late])
}

/** The URL of a file in this folder. */
export function beside(name: string): string {
  return new URL(name, import.meta.url).href
}
