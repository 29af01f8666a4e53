import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll } from 'vitest'

const CLI = fileURLToPath(new URL('../../dist/cli.mjs', import.meta.url))

/** The tests' own colours are none of the program's business. */
const { FORCE_COLOR: _, ...ENV } = process.env

/** What a run of the command line came to. */
export interface Run {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs `tastespace` with these words, in a folder. */
export function run(folder: string, ...words: string[]): Promise<Run> {
  return ended(start(folder, words))
}

/** Starts `tastespace`; a run that takes a minute hangs, and is killed. */
export function start(folder: string, words: readonly string[]): ChildProcess {
  return spawn(process.execPath, [CLI, ...words], { cwd: folder, env: ENV, timeout: 60_000, killSignal: 'SIGKILL' })
}

/** What a run comes to in the end. */
export function ended(child: ChildProcess): Promise<Run> {
  let [stdout, stderr] = ['', '']
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, stdout, stderr })))
}

/** The words of a command line in a shell, for what only a shell does. */
export function shellWords(...words: string[]): string {
  return [process.execPath, CLI, ...words].map((word) => `'${word}'`).join(' ')
}

/** Runs a line of shell. */
export function shell(folder: string, line: string): Promise<Run> {
  return ended(spawn('bash', ['-c', line], { cwd: folder, env: ENV, timeout: 60_000, killSignal: 'SIGKILL' }))
}

/** A folder that goes when the tests of its file are done. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tastespace-cli-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Writes a file into a folder and returns its name. */
export function put(folder: string, name: string, content: string | Uint8Array): string {
  writeFileSync(join(folder, name), content)
  return name
}

/** Files in a folder, less those that were meant to be there. */
export function strangers(folder: string, ...expected: string[]): string[] {
  return readdirSync(folder).filter((name) => !expected.includes(name))
}

const DATA = process.env.TASTESPACE_DATA ?? fileURLToPath(new URL('../../../shared/data', import.meta.url))

/** The path of a file of real data, and whether it is there. */
export function realData(name: string): { path: string; missing: boolean } {
  const path = join(DATA, name)
  const missing = !existsSync(path)
  if (missing) console.warn(`skipped: ${name} is not in the folder of real data (TASTESPACE_DATA)`)
  return { path, missing }
}
