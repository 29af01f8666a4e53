// Benches a model beside its peers: `npm run bench -- biased-mf`, or `npm run bench -- --smoke` for a short check of all.
//
// The engines of a case take turns, one repetition each, in a process of their own. An answer is checked before its time
// counts. A complete run on a quiet machine is recorded under bench/record; see CONTRIBUTING.md.
import { existsSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { relative } from 'node:path'
import { parseArgs } from 'node:util'
import { describe } from '../dist/index.mjs'
import { Failure, main } from '../scripts/lib/command.mjs'
import { root } from '../scripts/lib/root.mjs'
import { filesOf } from './lib/data.mjs'
import { runEngine } from './lib/engine.mjs'
import { ENGINES, named, SETUP } from './lib/engines.mjs'
import { facts, listed, load, quiet } from './lib/machine.mjs'
import { plot } from './lib/plot.mjs'
import { peers } from './lib/python.mjs'
import { record } from './lib/record.mjs'
import { report } from './lib/report.mjs'
import { smokeOf, workloadOf } from './lib/workload.mjs'

const USAGE = `npm run bench -- MODEL [--case NAME] [--repetitions N] [--engines A,B] [--no-record]
npm run bench -- --smoke [MODEL]

  --case         only this case; --engines only these (chromium and chromium-st among them); neither kept as a record
  --repetitions  of every engine, instead of the case's own number
  --no-record    measures however busy the machine is, and keeps nothing
  --smoke        every model on small data, seconds each: do all engines run, do their answers hold?`

/** Our engines that run on any number of threads. */
const THREADED = ['wasm', 'chromium', 'native']

await main(async () => {
  const { values: flags, positionals } = parse()
  const { models } = await describe()
  const unknown = positionals.find((name) => !models.some(({ kind }) => kind === name))
  if (unknown) throw new Failure(`no model '${unknown}': there are ${models.map(({ kind }) => kind).join(', ')}`)
  if (!flags.smoke && positionals.length !== 1) throw new Failure(USAGE)

  const kept = !(flags.smoke || flags['no-record'] || flags.case || flags.engines || flags.repetitions)
  if (kept && !existsSync(new URL('node_modules', peers))) {
    throw new Failure(`a record has a picture, and what draws it is not installed: ${SETUP} does`)
  }
  if (kept && !(await quiet(10, (now) => note(`The machine is busy (load ${now.toFixed(2)}): waiting`)))) {
    throw new Failure('The machine stayed busy. Try again later, or measure with --no-record.')
  }
  for (const kind of positionals.length > 0 ? models.filter(({ kind }) => positionals.includes(kind)) : models) {
    const workload = await (flags.smoke ? smokeOf : workloadOf)(kind)
    const chosen = workload.cases.filter(({ name }) => !flags.case || name === flags.case)
    if (chosen.length === 0) throw new Failure(`${kind.kind} has no case '${flags.case}'`)
    await bench(
      { ...workload, cases: chosen },
      { kept, engines: flags.engines?.split(','), repetitions: Number(flags.repetitions) },
    )
  }
})

function parse() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        case: { type: 'string' },
        repetitions: { type: 'string' },
        engines: { type: 'string' },
        'no-record': { type: 'boolean' },
        smoke: { type: 'boolean' },
      },
    })
  } catch (error) {
    throw new Failure(`${error.message}\n\n${USAGE}`)
  }
}

/** Runs the cases of a model, prints the results and records them if requested. */
async function bench({ model, cases }, { kept, engines, repetitions }) {
  const before = load()
  const done = []
  const texts = []
  for (const one of cases) {
    const files = await filesOf(one.data)
    if (files.missing) {
      texts.push(`${one.title}\n\nskipped: ${files.missing}`)
    } else {
      const results = await entries(one, engines)
      await measure(model, { ...one, repetitions: repetitions || one.repetitions }, files, results)
      done.push({ ...one, results })
      texts.push(report(one, results))
    }
    print(`\n${model}: ${texts.at(-1)}`)
  }
  if (!kept) return
  const environment = conditions(done, before)
  print(`\n${environment}`)
  const base = record(model, done, [...texts, environment].join('\n\n'))
  note(`Kept: ${relative(root, base)}.csv, .txt; ${relative(root, await plot(model, done))}`)
}

/** Machine, tools and settings, one per line. */
function conditions(done, before) {
  const versions = done.flatMap(({ results }) => results.flatMap(({ runs }) => runs.map(({ version }) => version)))
  const settings = done.map(({ name, options, epochs }) => `${name}: ${JSON.stringify(options)}, 1 + ${epochs} epochs`)
  return listed({
    ...facts(),
    engines: [...new Set(versions)].join('; '),
    settings: settings.join('; '),
    load: `${before} before, ${load()} after`,
  })
}

/** The engines of a case, one entry for each number of threads. @returns {Promise<import('./lib/report.mjs').Result[]>} */
async function entries({ engines, without = [] }, only) {
  const { ours, ...peers } = engines
  const own = Object.keys(ENGINES).filter((engine) => ENGINES[engine].ours && !without.includes(engine))
  const wanted = own.filter((engine) => !ENGINES[engine].asked || only?.includes(engine))
  const all = {
    ...Object.fromEntries(wanted.map((engine) => [engine, THREADED.includes(engine) ? ours : [1]])),
    ...peers,
  }
  const list = []
  for (const [engine, numbers] of Object.entries(all)) {
    if (only && !only.includes(engine)) continue
    const { label, ours, job, start } = ENGINES[engine]
    const command = await start()
    for (const threads of numbers) {
      const skipped = command.missing ?? (threads > availableParallelism() ? 'more threads than cores' : undefined)
      list.push({
        name: named(engine, threads),
        engine,
        threads,
        label,
        ours: ours === true,
        job,
        command,
        runs: [],
        repeated: 0,
        skipped,
      })
    }
  }
  return list
}

/** Runs every engine once per repetition. One that fails twice, or has a wrong answer, loses its times. */
async function measure(model, { options, epochs, repetitions, answer, data, seconds }, files, results) {
  // A pass is one visit of every training row. An epoch may make several.
  const all = readFileSync(files.train, 'utf8').trimEnd().split('\n').length - 1
  for (let repetition = 1; repetition <= repetitions; repetition++) {
    for (const result of results) {
      if (result.skipped || result.wrong) continue
      note(`${model}, ${data.name}: repetition ${repetition} of ${repetitions}, ${result.name}`, true)
      const job = { model, options, ...files, warmUp: 1, epochs, seed: 0, threads: result.threads, ...result.job }
      const run = () => runEngine(result.name, result.command, job, seconds)
      try {
        const outcome = await run().catch(() => {
          result.repeated++
          return run()
        })
        result.runs.push({ ...outcome, all })
        result.wrong = wrong(result, answer, results)
      } catch (error) {
        if (!(error instanceof Failure)) throw error
        result.wrong = error.message
      }
    }
  }
  note('', true)
  for (const result of results) {
    if (!result.wrong) continue
    result.runs = []
    process.exitCode = 1
  }
}

/** Why an engine's last answer is not accepted, if it is not. */
function wrong({ name, ours, runs }, { metric, below = Infinity, above = -Infinity }, results) {
  const { quality } = runs.at(-1)
  if (!(quality[metric] < below)) return `${metric} ${quality[metric]} is not below ${below}`
  if (!(quality[metric] > above)) return `${metric} ${quality[metric]} is not above ${above}`
  const first = results.find((other) => other.ours && other.runs.length > 0)
  if (ours && quality[metric] !== first.runs[0].quality[metric]) {
    return `${metric} ${quality[metric]} is not that of ${first.name}, ${first.runs[0].quality[metric]}, though ${name} computes the same`
  }
}

function print(text) {
  process.stdout.write(`${text}\n`)
}

/** Reports progress; on a terminal the line is overwritten. */
function note(text, passing = false) {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}${passing ? '' : '\n'}`)
  else if (!passing) process.stderr.write(`${text}\n`)
}
