// The built package as an engine of the bench: trains one job, given as JSON, and tells each epoch on standard output.
// `bench/lib/engine.mjs` says what the lines mean.
import { readFileSync } from 'node:fs'
import { createEngine, createModel, Dataset } from '../../dist/index.mjs'

const job = JSON.parse(process.argv[2])
const tell = (line) => process.stdout.write(`${JSON.stringify(line)}\n`)

const engine = await createEngine(job.build === 'st' ? { build: 'st' } : { build: 'mt', threads: job.threads })
if (engine.build !== job.build || engine.threads !== job.threads) {
  throw new Error(`asked for ${job.build} on ${job.threads} threads, got ${engine.build} on ${engine.threads}`)
}
const parts = await (await Dataset.fromFile(job.train, { engine })).split({
  by: 'file',
  test: await Dataset.fromFile(job.test, { engine }),
})
const model = await createModel(job.model, job.options, { engine })

let before = process.cpuUsage()
await model.fit(parts.train, {
  epochs: job.warmUp + job.epochs,
  seed: job.seed,
  onEpoch: ({ epoch, seconds, rows }) => {
    const { user, system } = process.cpuUsage(before)
    tell({ phase: epoch <= job.warmUp ? 'warm-up' : 'epoch', seconds, cpu: (user + system) / 1e6, rows })
    before = process.cpuUsage()
  },
})
tell({ phase: 'quality', ...(await model.evaluate(parts.test)) })
const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
const peakMemory = process.resourceUsage().maxRSS * 1024
tell({ phase: 'end', version: `tastespace ${version}, Node ${process.versions.node}`, peakMemory })
