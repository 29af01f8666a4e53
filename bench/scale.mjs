// The library at 20 million ratings, from a CSV file to top lists for all users, with time and memory of each step:
//
//   node bench/scale.mjs [--ratings 20000000] [--users 200000] [--items 50000] [--epochs 5] [--threads N] [--models biased-mf,bpr]
//
// The lists are those of the first model that fits into the memory. Another one has the reason in its row.
// Generates the ratings into a temporary folder (0.5 GB at the default size) and removes them. Ten minutes on two cores.
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { createEngine, createModelByName, Dataset, describe, loadModel } from '../dist/index.mjs'

const CLI = fileURLToPath(new URL('../dist/cli.mjs', import.meta.url))
const MiB = 2 ** 20

const size = (value) => ({ type: 'string', default: String(value) })
const { values } = parseArgs({
  options: {
    ratings: size(20_000_000),
    users: size(200_000),
    items: size(50_000),
    epochs: size(5),
    threads: size(availableParallelism()),
    models: { type: 'string', default: 'biased-mf' },
  },
})
const [ratings, users, items, epochs, threads] = ['ratings', 'users', 'items', 'epochs', 'threads'].map((name) =>
  Number(values[name]),
)

const table = []
const folder = await mkdtemp(join(tmpdir(), 'tastespace-scale-'))
try {
  const csv = join(folder, 'ratings.csv')
  await make(csv)
  let first
  for (const kind of values.models.split(',')) {
    const file = join(folder, `${kind}.safetensors`)
    if (await train(kind, csv, file)) first ??= file
  }
  if (first) await recommendToAll(first, join(folder, 'lists.csv'))
} finally {
  await rm(folder, { recursive: true })
}
console.log(`${cpus()[0]?.model}, ${threads} threads, Node ${process.versions.node}`)
console.log(`${ratings} ratings, ${users} users, ${items} items; ${values.models}, default options, ${epochs} epochs`)
console.table(table)

async function make(csv) {
  const sizes = { ratings, users, items }
  const flags = Object.entries(sizes).flatMap(([name, count]) => [`--${name}`, String(count)])
  await step(
    'data make, to a file',
    () => cli(['data', 'make', '--out', csv, ...flags]),
    async ({ seconds, result }) => ({
      'peak MiB': mebibytes(result.rss),
      note: perSecond((await stat(csv)).size, seconds),
    }),
  )
}

/** The columns that a model learns from: the others would be kept too. */
function columnsOf(task) {
  return { time: 'none', ...(task === 'ranking' && { rating: 'none' }) }
}

/** Reads and trains. Returns whether there was room. */
async function train(kind, csv, file) {
  const engine = await createEngine({ threads })
  const { task } = (await describe()).models.find((model) => model.kind === kind)
  const counted = (note) => async (ran) => {
    const { peakBytes, heldBytes } = await usage(engine)
    return { 'peak MiB': mebibytes(peakBytes), 'WASM MiB': mebibytes(heldBytes), note: await note?.(ran) }
  }
  const { size: bytes } = await stat(csv)
  const data = await step(
    'read it',
    () => Dataset.fromFile(csv, { engine, columns: columnsOf(task) }),
    counted(({ seconds }) => perSecond(bytes, seconds)),
  )
  const { rows } = await data.info()
  if (rows !== ratings) throw new Error(`${rows} rows were read`)

  const model = await createModelByName(kind, {}, { engine })
  const estimate = await estimateOf(engine, model, data)
  const before = (await usage(engine)).usedBytes
  let refused
  await step(
    `train ${kind}, ${epochs} epochs`,
    () =>
      model.fit(data, { epochs }).catch((error) => {
        if (!error.code?.startsWith('memory/')) throw error
        refused = error.message
      }),
    async ({ seconds, result }) => {
      if (refused) return { note: refused }
      const { peakBytes, heldBytes } = await usage(engine)
      const ratio = (estimate / (peakBytes - before)).toFixed(3)
      const epoch = result.history.map((report) => report.seconds.toFixed(1)).join(' ')
      return {
        'peak MiB': mebibytes(peakBytes),
        'WASM MiB': mebibytes(heldBytes),
        note: `epochs ${epoch} s; the estimate of ${mebibytes(estimate)} MiB is ${ratio} of the memory used; ${(seconds / epochs).toFixed(1)} s an epoch`,
      }
    },
  )
  data.dispose()
  if (refused) {
    engine.dispose()
    return false
  }
  await step(
    'save',
    () => model.save(file),
    counted(async () => `${mebibytes((await stat(file)).size)} MiB`),
  )
  const some = await model.recommend(['1', '2', '3'])

  const fresh = await createEngine({ threads })
  const loaded = await step(
    'load',
    () => loadModel(file, { engine: fresh }),
    async () => {
      const { peakBytes, heldBytes } = await usage(fresh)
      return { 'peak MiB': mebibytes(peakBytes), 'WASM MiB': mebibytes(heldBytes) }
    },
  )
  const same = JSON.stringify(await loaded.recommend(['1', '2', '3'])) === JSON.stringify(some)
  if (!same) throw new Error('the loaded model recommends other items than the saved one')
  engine.dispose()
  fresh.dispose()
  return true
}

async function recommendToAll(model, out) {
  await step(
    `recommend --all, k = 10`,
    () => cli(['recommend', model, '--all', '--out', out, '--k', '10', '--threads', String(threads)]),
    async ({ seconds, result }) => ({
      'peak MiB': mebibytes(result.rss),
      note: `process: ${mebibytes(result.halfway)} MiB halfway; ${((users * items) / seconds / 1e9).toFixed(2)} G scores/s`,
    }),
  )
}

/** Runs a step and adds its time, the machine's load, and the result of `figures` to the table. */
async function step(name, run, figures) {
  console.error(name)
  const [started, before] = [performance.now(), process.cpuUsage()]
  const result = await run()
  const seconds = (performance.now() - started) / 1000
  const { user, system } = process.cpuUsage(before)
  const cpu = result?.cpu ?? (user + system) / 1e6
  const [load = 0] = loadavg()
  table.push({
    step: name,
    seconds: round(seconds),
    'CPU s': round(cpu),
    load,
    ...(await figures({ seconds, result })),
  })
  return result
}

/** Runs the command line and returns CPU seconds and memory of its process: at most, and halfway. */
async function cli(args) {
  const samples = []
  const child = execFile(process.execPath, [CLI, ...args, '--json'])
  child.stderr?.pipe(process.stderr)
  const timer = setInterval(
    () =>
      look(child.pid).then(
        (sample) => samples.push(sample),
        () => {},
      ),
    250,
  )
  const code = await new Promise((resolve) => child.on('close', resolve))
  clearInterval(timer)
  if (code !== 0) throw new Error(`tastespace ${args[0]} exited with code ${code}`)
  const memory = samples.map(({ rss }) => rss)
  return { cpu: samples.at(-1)?.cpu, rss: Math.max(...memory), halfway: memory[memory.length >> 1] }
}

/** Memory and CPU seconds of a process, if the system reports them. */
async function look(pid) {
  const [, kibibytes] = (await readFile(`/proc/${pid}/status`, 'utf8')).match(/^VmRSS:\s+(\d+)/m) ?? []
  // After the name in brackets, which may hold spaces: the 12th and 13th are ticks of a hundredth.
  const [, fields = ''] = (await readFile(`/proc/${pid}/stat`, 'utf8')).match(/\) (.*)/) ?? []
  const [user, system] = fields.split(' ').slice(11, 13).map(Number)
  return { rss: Number(kibibytes) * 1024, cpu: (user + system) / 100 }
}

async function usage(engine) {
  return engine.usage()
}

/** The estimated bytes of training, reported by an engine without enough memory. */
async function estimateOf(engine, model, data) {
  const { limitBytes, usedBytes } = await usage(engine)
  await engine.call('setMemoryLimit', usedBytes)
  const error = await model.fit(data, { epochs: 1 }).catch((error) => error)
  await engine.call('setMemoryLimit', limitBytes)
  return error.details.neededBytes
}

function round(seconds) {
  return Number(seconds.toFixed(1))
}

function mebibytes(bytes) {
  return Math.round(bytes / MiB)
}

function perSecond(bytes, seconds) {
  return `${(bytes / 1e6 / seconds).toFixed(0)} MB/s`
}
