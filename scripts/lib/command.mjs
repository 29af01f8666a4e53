// Runs other programs: quietly for a fact, with progress for work, openly for a test runner.
import { spawn, spawnSync } from 'node:child_process'

/** The trimmed output of a program, or undefined where it is missing or fails. */
export function ask(program, args, env = process.env) {
  const { status, stdout } = spawnSync(program, args, { encoding: 'utf8', env, stdio: ['ignore', 'pipe', 'ignore'] })
  return status === 0 ? stdout.trim() : undefined
}

/**
 * Runs a long program under a title. A terminal shows its latest line and the time so far, a log gets a line every
 * half minute, and only a failure shows everything the program said.
 */
export async function work(title, program, args, { env = process.env, cwd } = {}) {
  const began = Date.now()
  const said = []
  let latest = ''
  const seconds = () => `${Math.round((Date.now() - began) / 1000)} s`
  const show = () => {
    if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${title}, ${seconds()}  ${latest.slice(0, 60)}`)
    else process.stderr.write(`${title}, ${seconds()}: ${latest}\n`)
  }

  if (!process.stderr.isTTY) process.stderr.write(`${title} …\n`)
  const child = spawn(program, args, { env, cwd, stdio: ['ignore', 'pipe', 'pipe'] })
  const timer = setInterval(show, process.stderr.isTTY ? 1000 : 30_000)
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      said.push(text)
      // What it is doing, `Compiling serde` say, and not the notes between.
      const lines = text.split('\n').map((line) => line.trim())
      latest = lines.findLast((line) => /^[A-Z]\w+ /.test(line)) ?? latest
    })
  }
  const outcome = await new Promise((resolve) => {
    child.on('error', (error) => resolve(error.message))
    child.on('close', (code, signal) => resolve(signal ?? code))
  })
  clearInterval(timer)
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K')

  if (outcome !== 0) throw new Failure(`${title}: ${program} failed (${outcome})\n${said.join('').trim()}`)
  process.stderr.write(`${title}: ${seconds()}\n`)
}

/** Runs a program with its output passed on as it comes; resolves with its exit status and the same output as text. */
export async function watch(program, args, options = {}) {
  const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text) => {
    output += text
    process.stdout.write(text)
  })
  const status = await new Promise((resolve) => {
    child.on('error', () => resolve(127))
    child.on('close', (code) => resolve(code ?? 1))
  })
  return { status, output }
}

/** Something the reader of the terminal has to know about; told without a stack trace. */
export class Failure extends Error {}

/** Runs a script's body; a Failure ends it with its message alone. */
export async function main(body) {
  try {
    await body()
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    console.error(error.message)
    process.exitCode = 1
  }
}
