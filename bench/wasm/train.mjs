// The built package as an engine of the bench: trains one job, given as JSON, and prints a line per epoch.
// See `bench/lib/engine.mjs`.
import { readFileSync } from 'node:fs'
import * as library from '../../dist/index.mjs'
import { train } from './job.mjs'

const job = JSON.parse(process.argv[2])
const tell = (line) => process.stdout.write(`${JSON.stringify(line)}\n`)

let before = process.cpuUsage()
const quality = await train(library, job, ({ epoch, seconds, rows }) => {
  const { user, system } = process.cpuUsage(before)
  tell({ phase: epoch <= job.warmUp ? 'warm-up' : 'epoch', seconds, cpu: (user + system) / 1e6, rows })
  before = process.cpuUsage()
})
tell({ phase: 'quality', ...quality })
const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
const peakMemory = process.resourceUsage().maxRSS * 1024
tell({ phase: 'end', version: `tastespace ${version}, Node ${process.versions.node}`, peakMemory })
