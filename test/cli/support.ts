import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll } from 'vitest'

const CLI = fileURLToPath(new URL('../../dist/cli.mjs', import.meta.url))

/** FORCE_COLOR is set for the test runner and must not reach the command line. */
const { FORCE_COLOR: _, ...ENV } = process.env

/** Exit code and output of one run of the command line. */
export interface Run {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs `tastespace` with these arguments in a folder. */
export function run(folder: string, ...words: string[]): Promise<Run> {
  return ended(start(folder, words))
}

/** Starts `tastespace`. A run that takes longer than a minute is killed. */
export function start(folder: string, words: readonly string[]): ChildProcess {
  return spawn(process.execPath, [CLI, ...words], { cwd: folder, env: ENV, timeout: 60_000, killSignal: 'SIGKILL' })
}

/** Resolves with the exit code and the output when the process ends. */
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

/** The command line as text for a shell, for tests that need pipes, redirections or limits. */
export function shellWords(...words: string[]): string {
  return [process.execPath, CLI, ...words].map((word) => `'${word}'`).join(' ')
}

/** Runs a shell command. */
export function shell(folder: string, line: string): Promise<Run> {
  return ended(spawn('bash', ['-c', line], { cwd: folder, env: ENV, timeout: 60_000, killSignal: 'SIGKILL' }))
}

/** A temporary folder that is removed after the tests of the file. */
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

/** Files in a folder other than the expected ones. */
export function strangers(folder: string, ...expected: string[]): string[] {
  return readdirSync(folder).filter((name) => !expected.includes(name))
}

const DATA = process.env.TASTESPACE_DATA ?? fileURLToPath(new URL('../../../shared/data', import.meta.url))

/** The path of a real data file, and whether it is missing. */
export function realData(name: string): { path: string; missing: boolean } {
  const path = join(DATA, name)
  const missing = !existsSync(path)
  if (missing) console.warn(`skipped: ${name} is not in the folder of real data (TASTESPACE_DATA)`)
  return { path, missing }
}
