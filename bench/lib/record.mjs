// Keeps results under `bench/record/<machine>/`: the figures as CSV, and as text the tables with machine, tools and settings.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../../scripts/lib/root.mjs'
import { machine } from './machine.mjs'

export const folder = join(root, 'bench/record', machine)

/** `bench/record/<machine>/<date>`. */
function base() {
  mkdirSync(folder, { recursive: true })
  return join(folder, new Date().toISOString().slice(0, 10))
}

const COLUMNS =
  'model,case,engine,threads,repetition,rows,seconds,cpu_seconds,ratings_per_second,peak_memory_bytes,metric,answer'

/** Adds every repetition of a model's cases, and the text on them, to the day's record, replacing earlier results of the model. */
export function record(model, cases, text) {
  const lines = cases.flatMap(({ name, answer, results }) =>
    results.flatMap(({ engine, threads, runs }) =>
      runs.map(({ rows, seconds, cpu, peakMemory, quality }, repetition) => {
        const figures = [rows, seconds.toFixed(6), cpu.toFixed(6), Math.round(rows / seconds), peakMemory]
        return [model, name, engine, threads, repetition + 1, ...figures, answer.metric, quality[answer.metric]].join(
          ',',
        )
      }),
    ),
  )
  const path = base()
  const others = read(`${path}.csv`)
    .split('\n')
    .slice(1)
    .filter((line) => line && !line.startsWith(`${model},`))
  write(`${path}.csv`, [COLUMNS, ...others, ...lines].join('\n'))
  const sections = read(`${path}.txt`)
    .split(/^(?=== )/m)
    .filter((section) => section && !section.startsWith(`== ${model}\n`))
  write(`${path}.txt`, [...sections.map((section) => `${section.trimEnd()}\n\n`), `== ${model}\n\n${text}`].join(''))
  return path
}

/** Keeps a table of its own: `<date>-<name>.csv` and `.txt`. */
export function keep(name, columns, lines, text) {
  const path = `${base()}-${name}`
  write(`${path}.csv`, [columns, ...lines].join('\n'))
  write(`${path}.txt`, text)
  return path
}

const read = (file) => (existsSync(file) ? readFileSync(file, 'utf8') : '')
const write = (file, text) => writeFileSync(file, `${text}\n`)
