// Runs one engine on one job, in a process of its own, and reads its output.
//
// The job comes as JSON in the last argument: `{ model, options, train, test, warmUp, epochs, seed, threads }` and the fields
// of the engine's entry in engines.mjs. The engine prints lines of JSON on standard output:
//
//   { phase: 'warm-up', seconds, cpu, rows }    one or several epochs that do not count
//   { phase: 'epoch', seconds, cpu, rows }      one or several epochs that count: wall and CPU seconds, and visits of ratings
//   { phase: 'quality', rmse, … }               on the test rows, after all epochs
//   { phase: 'end', version, peakMemory }       the library's version, and the peak memory of the process in bytes
import { spawn } from 'node:child_process'
import { Failure } from '../../scripts/lib/command.mjs'

/** Seconds, many times the time of the slowest engine on a quiet machine. LIBMF sometimes hangs on two threads. */
const MOST = 300

/**
 * @typedef {object} Outcome
 * @property {number} seconds     wall time of all epochs that count
 * @property {number} cpu         CPU time of the same, over all threads
 * @property {number} rows        visits of ratings in them
 * @property {object} quality
 * @property {string} version
 * @property {number} peakMemory  bytes
 */

/** Runs an engine for `most` seconds at most. Rejects if it fails or hangs. @returns {Promise<Outcome>} */
export async function runEngine(name, { program, args, env }, job, most = MOST) {
  // Libraries of linear algebra use all cores by default.
  const threads = Object.fromEntries(['OMP', 'MKL', 'OPENBLAS'].map((of) => [`${of}_NUM_THREADS`, `${job.threads}`]))
  const child = spawn(program, [...args, JSON.stringify(job)], {
    env: { ...process.env, ...threads, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: most * 1000,
    killSignal: 'SIGKILL',
  })
  const [said, complaints] = await Promise.all([textOf(child.stdout), textOf(child.stderr), closed(child)])
  const lines = said.split('\n').filter((line) => line.startsWith('{'))
  const told = lines.map((line) => JSON.parse(line))
  const [epochs, [quality], [end]] = ['epoch', 'quality', 'end'].map((of) => told.filter(({ phase }) => phase === of))
  if (epochs.length === 0 || !quality || !end) {
    throw new Failure(`${name} did not finish (${child.signalCode ?? child.exitCode}):\n${complaints.trim()}`)
  }
  const sum = (key) => epochs.reduce((total, epoch) => total + epoch[key], 0)
  const { phase: _, ...metrics } = quality
  return {
    seconds: sum('seconds'),
    cpu: sum('cpu'),
    rows: sum('rows'),
    quality: metrics,
    version: end.version,
    peakMemory: end.peakMemory,
  }
}

async function textOf(stream) {
  let text = ''
  for await (const chunk of stream.setEncoding('utf8')) text += chunk
  return text
}

function closed(child) {
  return new Promise((resolve, reject) => child.on('close', resolve).on('error', reject))
}
