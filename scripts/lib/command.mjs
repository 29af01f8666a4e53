// Runs other programs: `ask` for a fact, `work` with progress, `watch` with the program's output.
import { spawn, spawnSync } from 'node:child_process'

/** The trimmed output of a program, or undefined if it is missing or fails. */
export function ask(program, args, env = process.env) {
  const { status, stdout } = spawnSync(program, args, { encoding: 'utf8', env, stdio: ['ignore', 'pipe', 'ignore'] })
  return status === 0 ? stdout.trim() : undefined
}

/** Long programs that run now: title, start and latest line of each. */
const running = new Set()
let timer

/**
 * Runs a long program under a title; several may run at once. A terminal shows their latest lines and times, a log gets
 * a line every half minute, and all that the program printed is shown only if it fails.
 */
export async function work(title, program, args, { env = process.env, cwd } = {}) {
  const terminal = process.stderr.isTTY
  const job = { title, began: Date.now(), latest: '' }
  const output = []
  if (!terminal) process.stderr.write(`${title} …\n`)
  running.add(job)
  timer ??= setInterval(show, terminal ? 1000 : 30_000)

  const child = spawn(program, args, { env, cwd, stdio: ['ignore', 'pipe', 'pipe'] })
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      output.push(text)
      // A line such as `Compiling serde`, and not the notes between.
      const lines = text.split('\n').map((line) => line.trim())
      job.latest = lines.findLast((line) => /^[A-Z]\w+ /.test(line)) ?? job.latest
    })
  }
  const outcome = await new Promise((resolve) => {
    child.on('error', (error) => resolve(error.message))
    child.on('close', (code, signal) => resolve(signal ?? code))
  })
  running.delete(job)
  if (running.size === 0) timer = clearInterval(timer)
  if (terminal) process.stderr.write('\r\x1b[K')

  if (outcome !== 0) throw new Failure(`${title}: ${program} failed (${outcome})\n${output.join('').trim()}`)
  process.stderr.write(`${title}: ${seconds(job)}\n`)
}

function show() {
  const lines = [...running].map((job) => `${job.title}, ${seconds(job)}: ${job.latest}`)
  if (process.stderr.isTTY) {
    const width = Math.floor((process.stderr.columns || 80) / lines.length) - 3
    process.stderr.write(`\r\x1b[K${lines.map((line) => line.slice(0, width)).join(' | ')}`)
  } else {
    process.stderr.write(`${lines.join('\n')}\n`)
  }
}

function seconds(job) {
  return `${Math.round((Date.now() - job.began) / 1000)} s`
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

/** An error for the reader of the terminal: shown without a stack trace. */
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
