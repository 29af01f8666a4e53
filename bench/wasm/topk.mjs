// The built package as an engine of ../topk.mjs: all lists by the public API, as objects with ids, one round after the other,
// then `singles` users one at a time, with the median of milliseconds in `single`.
import { readFileSync } from 'node:fs'
import { createEngine, loadModel } from '../../dist/index.mjs'

const job = JSON.parse(process.argv[2])
const tell = (line) => process.stdout.write(`${JSON.stringify(line)}\n`)

const engine = await createEngine({ build: 'mt', threads: job.threads })
const model = await loadModel(job.file, { engine })
const [users, items] = [await model.userIds(), await model.itemIds()]
const indices = new Map(items.map((id, index) => [id, index]))
let lists = []
for (let round = 0; round < job.warmUp + job.rounds; round++) {
  const [started, before] = [performance.now(), process.cpuUsage()]
  lists = await model.recommend(users, { k: job.k, seen: 'include' })
  const { user, system } = process.cpuUsage(before)
  const seconds = (performance.now() - started) / 1000
  const phase = round < job.warmUp ? 'warm-up' : 'epoch'
  tell({ phase, seconds, cpu: (user + system) / 1e6, rows: users.length })
}
const times = []
for (const user of users.slice(0, job.singles ?? 0)) {
  const started = performance.now()
  await model.recommend(user, { k: 10, seen: 'include' })
  times.push(performance.now() - started)
}
const single = times.sort((a, b) => a - b)[times.length >> 1]
tell({ phase: 'quality', single, lists: lists.slice(0, 20).map((list) => list.map(({ item }) => indices.get(item))) })
const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
tell({ phase: 'end', version: `tastespace ${version}`, peakMemory: process.resourceUsage().maxRSS * 1024 })
