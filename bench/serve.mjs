// The service that `tastespace serve` is, under load: requests a second, latencies, errors and memory, without and with
// replacements of the model file.
//
//   node bench/serve.mjs [--items 100000] [--users 20000] [--seconds 60] [--connections 32] [--k 20] [--replacements 5]
//
// Load and service share the machine. Data is generated and the model trained for one epoch, in a temporary folder.
import { spawn } from 'node:child_process'
import { copyFile, mkdtemp, readFile, rename, rm } from 'node:fs/promises'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import autocannon from 'autocannon'
import { CML, createEngine, Dataset } from '../dist/index.mjs'

const { values } = parseArgs({
  options: {
    items: { type: 'string', default: '100000' },
    users: { type: 'string', default: '20000' },
    factors: { type: 'string', default: '64' },
    seconds: { type: 'string', default: '60' },
    connections: { type: 'string', default: '32' },
    k: { type: 'string', default: '20' },
    replacements: { type: 'string', default: '5' },
    body: { type: 'string', default: '{}' },
  },
})
const { items, users, factors, seconds, connections, k, replacements } = Object.fromEntries(
  Object.entries(values).map(([name, value]) => [name, Number(value)]),
)

const folder = await mkdtemp(join(tmpdir(), 'tastespace-serve-'))
try {
  const path = join(folder, 'model.safetensors')
  await makeModel(path)
  const service = await start(path)
  console.log(
    `load averages ${loadavg()
      .map((value) => value.toFixed(2))
      .join(' ')}`,
  )
  await load(service, 5)
  console.log('without replacements')
  await measured(service, () => {})
  console.log(`with ${replacements} replacements of the model file`)
  await measured(service, async () => {
    for (let done = 0; done < replacements; done++) {
      await new Promise((resolve) => setTimeout(resolve, (seconds * 1000) / (replacements + 1)))
      await copyFile(path, `${path}.new`)
      await rename(`${path}.new`, path)
    }
  })
  await new Promise((resolve) => setTimeout(resolve, 3000))
  console.log(`replaced ${service.reloads()} times, then ${await memoryOf(service.pid)} MiB`)
  service.process.kill('SIGTERM')
} finally {
  await rm(folder, { recursive: true })
}

async function makeModel(path) {
  const engine = await createEngine()
  const data = await Dataset.synthetic({ users, items, ratings: users * 50, engine })
  const model = await CML.create({ factors }, { engine })
  await model.fit(data, { epochs: 1 })
  await model.save(path)
  engine.dispose()
}

async function start(path) {
  const cli = fileURLToPath(new URL('../dist/cli.mjs', import.meta.url))
  const process_ = spawn(process.execPath, [cli, 'serve', path, '--port', '0', '--json'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let log = ''
  process_.stderr.on('data', (chunk) => {
    log += chunk
  })
  for await (const line of createInterface({ input: process_.stdout })) {
    const { url, pid } = JSON.parse(line)
    return { process: process_, url, pid, reloads: () => log.match(/was loaded again/g)?.length ?? 0, log: () => log }
  }
  throw new Error(log)
}

async function measured(service, meanwhile) {
  const memory = [await memoryOf(service.pid)]
  const timer = setInterval(async () => memory.push(await memoryOf(service.pid)), (seconds * 1000) / 6)
  const [result] = await Promise.all([load(service, seconds), meanwhile()])
  clearInterval(timer)
  const { requests, latency, errors, non2xx, timeouts } = result
  console.log(
    `  ${requests.average.toFixed(0)} requests/s, latency p50 ${latency.p50} ms, p99 ${latency.p99} ms, ` +
      `most ${latency.max} ms; errors ${errors + non2xx + timeouts}; memory ${memory.join(', ')} MiB`,
  )
}

/** Asks for the lists of one user after another. */
function load({ url }, duration) {
  let user = 0
  const body = JSON.parse(values.body)
  return autocannon({
    url: `${url}/recommend`,
    connections,
    duration,
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    setupClient: (client) => {
      const next = () => {
        user = (user + 7919) % users
        client.setBody(JSON.stringify({ users: [user + 1], k, ...body }))
      }
      next()
      client.on('response', next)
    },
  })
}

async function memoryOf(pid) {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024)
}
