import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll } from 'vitest'

const CLI = fileURLToPath(new URL('../../dist/cli.mjs', import.meta.url))

/** A temporary folder that is removed after the tests of the file. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tastespace-serve-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A running `tastespace serve`. */
export interface Service {
  readonly url: string
  readonly port: number
  readonly process: ChildProcess
  /** What it has printed on stderr. */
  readonly log: () => string
  /** Resolves with the exit code. */
  readonly ended: Promise<number | null>
}

/** Starts `tastespace serve` on any free port. It is killed after the tests of the file. */
export function serve(model: string, ...words: string[]): Promise<Service> {
  return started([CLI, 'serve', model, '--port', '0', '--json', ...words])
}

/** The same, with an engine that SIGUSR2 ends. */
export function serveMortal(model: string): Promise<Service> {
  const killer = new URL('./kill-the-engine.mjs', import.meta.url).href
  return started(['--import', killer, CLI, 'serve', model, '--port', '0', '--json'])
}

// Services begin within tests, where it is too late for a hook of the file.
const children = new Set<ChildProcess>()
afterAll(() => {
  for (const child of children) child.kill('SIGKILL')
})

async function started(words: readonly string[]): Promise<Service> {
  const child = spawn(process.execPath, words)
  children.add(child)
  let log = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log += text
  })
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve))
  for await (const line of createInterface({ input: child.stdout })) {
    const { url }: { url: string } = JSON.parse(line)
    return { url, port: Number(new URL(url).port), process: child, log: () => log, ended }
  }
  throw new Error(log)
}

/** Resolves when a condition holds; rejects after some seconds. */
export async function until(holds: () => boolean, seconds = 20): Promise<void> {
  for (let waited = 0; !holds(); waited += 50) {
    if (waited > seconds * 1000) throw new Error(`not within ${seconds} seconds: ${holds}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
