import { execFile } from 'node:child_process'
import { createEngine, type EngineOptions } from 'tastespace'

export type TestEngine = Awaited<ReturnType<typeof createEngine>>

/** Runs `use` with an engine that is disposed of whatever happens. */
export async function withEngine(options: EngineOptions, use: (engine: TestEngine) => Promise<void>): Promise<void> {
  const engine = await createEngine(options)
  try {
    await use(engine)
  } finally {
    engine.dispose()
  }
}

/** Runs a program of its own in Node, with the package's exports in scope as `tastespace`. */
export function runInNode(
  program: string,
  preload?: string,
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const library = JSON.stringify(new URL('../../dist/index.mjs', import.meta.url))
  const source = `import * as tastespace from ${library}\n${program}`
  const args = ['--input-type=module', '--eval', source]
  // By the environment, which the workers have too.
  const env = preload === undefined ? process.env : { ...process.env, NODE_OPTIONS: `--import=${preload}` }
  return new Promise((resolve) => {
    // A program that hangs is killed, and has no exit code.
    const child = execFile(process.execPath, args, { env, timeout: 20_000 }, (_error, stdout, stderr) =>
      resolve({ code: child.exitCode, stdout, stderr }),
    )
  })
}

/** The address of a file beside the tests. */
export function beside(name: string): string {
  return new URL(name, import.meta.url).href
}
