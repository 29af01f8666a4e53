// Seconds of training until NDCG@10 reaches a target, of our models and of peers: `node bench/time-to-quality.mjs [--cases ml-100k] [--curves] [--no-record]`.
//
// Each engine is trained for 1, 2, 3, 5, 8, … epochs, in a process of its own each time, until two more numbers of epochs have not
// raised its NDCG@10 on validation. The target is 95 % of the best value of the weakest engine, so that every engine comes to it. Then all engines take
// turns, five times, with the number of epochs that reached the target: only these runs are timed, and only their epochs. The values of the
// search are kept in the cache; --curves ends after it, on a machine that may be busy.
//
// Ours have their default options. PyTorch trains the same model with the options of its workload, LightFM and implicit
// train their own models with as many factors.
import { relative } from 'node:path'
import { parseArgs } from 'node:util'
import { Failure, main } from '../scripts/lib/command.mjs'
import { root } from '../scripts/lib/root.mjs'
import { filesOf, lastForValidation } from './lib/data.mjs'
import { runEngine } from './lib/engine.mjs'
import { ENGINES, named } from './lib/engines.mjs'
import { facts, listed, load, quiet } from './lib/machine.mjs'
import { python } from './lib/python.mjs'
import { keep } from './lib/record.mjs'
import { remembered } from './lib/remembered.mjs'
import { table } from './lib/report.mjs'
import { spread } from './lib/statistics.mjs'
import { workloadOf } from './lib/workload.mjs'

const SCHEDULE = [1, 2, 3, 5, 8, 12, 18, 27, 40, 60, 90, 135, 200]
/** Numbers of epochs without a better value that end the search. */
const PATIENCE = 2
const SHARE = 0.95
const REPETITIONS = 5
const METRIC = 'ndcg@10'
/** Seconds of a run at most. */
const MOST = 1800

const CASES = {
  'ml-100k': lastForValidation('ml-100k', 'ml-100k/u.data'),
  'ml-latest-small': lastForValidation('ml-latest-small', 'ml-latest-small/ratings.csv'),
}

const paper = async (kind) => (await workloadOf({ kind })).cases[0].options
const ours = (kind) => ({ label: kind, engine: 'wasm', model: kind, options: {} })

const SUBJECTS = [
  ...['cml', 'lrml', 'attrec', 'bpr', 'ials'].map(ours),
  { label: 'CML in PyTorch', engine: 'pytorch-cml', options: await paper('cml') },
  { label: 'LRML in PyTorch', engine: 'pytorch-lrml', options: await paper('lrml') },
  { label: 'AttRec in PyTorch', engine: 'pytorch-attrec', options: await paper('attrec') },
  { label: "LightFM's WARP", engine: 'lightfm', options: { factors: 64, negatives: 10 } },
  {
    label: "implicit's ALS",
    engine: 'implicit-cg',
    options: { factors: 64, unobservedWeight: 0.3, penalty: 0.6, penaltyExponent: 0.25 },
  },
]

await main(async () => {
  const { values: flags } = parseArgs({
    options: { cases: { type: 'string' }, curves: { type: 'boolean' }, 'no-record': { type: 'boolean' } },
  })
  if (!python()) throw new Failure('The peers are not installed: node bench/peers/setup.mjs')
  const names = flags.cases?.split(',') ?? Object.keys(CASES)
  const once = remembered('time-to-quality', ['bench/peers', 'bench/lib/data.mjs'])
  const curves = new Map()
  for (const name of names) {
    const files = await filesOf(CASES[name])
    if (files.missing) throw new Failure(files.missing)
    const found = []
    for (const subject of SUBJECTS) {
      const curve = await once([name, subject, SCHEDULE, PATIENCE], () => curveOf(subject, files))
      found.push({ ...subject, curve, best: Math.max(...curve.map(({ value }) => value)) })
    }
    curves.set(name, { files, found })
  }
  if (flags.curves) return
  if (!flags['no-record'] && !(await quiet(10, () => {}))) throw new Failure('The machine stayed busy.')
  const before = load()
  const [lines, texts] = [[], []]
  for (const [name, { files, found }] of curves) {
    const target = SHARE * Math.min(...found.map(({ best }) => best))
    const timed = found.flatMap((subject) => {
      const { epochs } = subject.curve.find(({ value }) => value >= target)
      return [1, 2].map((threads) => ({ ...subject, epochs, threads, seconds: [] }))
    })
    for (let repetition = 0; repetition < REPETITIONS; repetition++) {
      for (const run of timed) run.seconds.push((await trained(run, files, run.epochs, run.threads)).seconds)
    }
    for (const { label, threads, epochs, seconds } of timed) {
      for (const one of seconds) lines.push([name, label, threads, epochs, one.toFixed(4), ''].join(','))
    }
    for (const { label, curve } of found) {
      for (const { epochs, value } of curve) lines.push([name, label, 1, epochs, '', value.toFixed(4)].join(','))
    }
    texts.push(`${name}: NDCG@10 on validation at least ${target.toFixed(4)}\n\n${tableOf(timed)}`)
    process.stdout.write(`${texts.at(-1)}\n\n`)
  }
  if (flags['no-record']) return
  const text = [...texts, listed({ ...facts(), load: `${before} before, ${load()} after` })].join('\n\n')
  const base = keep('time-to-quality', 'case,subject,threads,epochs,seconds,ndcg@10', lines, text)
  process.stderr.write(`Kept: ${relative(root, base)}.csv, .txt\n`)
})

/** The NDCG after each number of epochs. */
async function curveOf(subject, files) {
  const curve = []
  let best = { value: -1, place: 0 }
  for (const [place, epochs] of SCHEDULE.entries()) {
    const { quality } = await trained(subject, files, epochs, 1)
    curve.push({ epochs, value: quality[METRIC] })
    if (quality[METRIC] > best.value) best = { value: quality[METRIC], place }
    else if (place - best.place >= PATIENCE) break
  }
  process.stderr.write(`${subject.label}: best NDCG@10 ${best.value.toFixed(4)} after ${SCHEDULE[best.place]} epochs\n`)
  return curve
}

async function trained({ label, engine, model, options }, files, epochs, threads) {
  const { job, start } = ENGINES[engine]
  const whole = { model, options, ...files, warmUp: 0, epochs, seed: 1, threads, ...job }
  return runEngine(named(label, threads), await start(), whole, MOST)
}

function tableOf(timed) {
  const rows = timed.map(({ label, threads, epochs, seconds, best }) => {
    const { median: middle, min, max } = spread(seconds)
    return [named(label, threads), best.toFixed(4), epochs, middle, min, max].map((cell) =>
      typeof cell === 'number' && !Number.isInteger(cell) ? cell.toPrecision(3) : `${cell}`,
    )
  })
  return table([['', 'best NDCG@10', 'epochs to the target', 'seconds', 'min', 'max'], ...rows])
}
