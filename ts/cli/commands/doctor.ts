import { totalmem } from 'node:os'
import type { Command } from 'commander'
import { capabilities, createEngine, type Engine, TastespaceError } from '../../index.ts'
import { addEngineFlags, type EngineFlags } from '../flags/common.ts'
import { counted, memory } from '../terminal/numbers.ts'
import { table } from '../terminal/table.ts'
import { isTrainingRight } from './doctor-training.ts'
import { does, type Job } from './run.ts'

/** The result of a check: as it should be, less than possible, or broken. */
interface Finding {
  readonly name: string
  readonly verdict: 'ok' | 'limited' | 'broken'
  readonly text: string
}

/** `doctor`: whether and how well the engine works on this machine. */
export function addDoctor(program: Command): void {
  const command = program
    .command('doctor')
    .summary('check what this machine can do')
    .description('Check that the engine works on this machine, and report its threads and memory.')
  addEngineFlags(command)
  does<EngineFlags>(command, [], examine)
}

async function examine({ flags, console }: Job<EngineFlags>): Promise<void> {
  const able = capabilities()
  const findings: Finding[] = [
    {
      name: 'runtime',
      verdict: 'ok',
      text: Object.entries(able.runtime)
        .map((version) => version.join(' '))
        .join(', '),
    },
    able.simd
      ? { name: 'vectors', verdict: 'ok', text: 'WebAssembly has 128-bit vector instructions' }
      : { name: 'vectors', verdict: 'broken', text: 'WebAssembly lacks the 128-bit vector instructions it needs' },
    able.sharedMemory && able.reason === undefined
      ? { name: 'threads', verdict: 'ok', text: `shared memory, ${counted(able.hardwareThreads, 'core')}` }
      : { name: 'threads', verdict: 'limited', text: `one only: ${able.reason ?? 'there is no shared memory'}` },
    { name: 'memory', verdict: 'ok', text: `up to ${memory(able.memoryLimit)} an engine; ${machineMemory()}` },
  ]
  const started = await startOf(flags.threads)
  findings.push(started.finding)
  if (started.engine) {
    findings.push(await trainingOf(started.engine))
    started.engine.dispose()
  }

  const broken = findings.filter(({ verdict }) => verdict === 'broken')
  const document = {
    ok: broken.length === 0,
    capabilities: able,
    memory: { machineBytes: totalmem(), processBytes: process.constrainedMemory() || null },
    engine: started.engine
      ? { build: started.engine.build, threads: started.engine.threads, startMs: started.ms }
      : null,
    findings,
  }
  await console.result(document, () => {
    const color = console.resultStyle
    const paint = { ok: color.green, limited: color.yellow, broken: color.red }
    const rows = findings.map(({ name, verdict, text }) => [paint[verdict](verdict), name, text])
    return table(rows, ['left', 'left', 'left'])
  })
  const names = broken.map(({ name }) => name)
  if (names.length > 0) throw new TastespaceError('doctor/broken', `does not work here: ${names.join(', ')}`, { names })
  console.note(
    findings.every(({ verdict }) => verdict === 'ok')
      ? 'All is well.'
      : 'It works, with less than this machine could offer.',
  )
}

function machineMemory(): string {
  // The limit of a container; a number above the machine's memory means no limit.
  const limit = process.constrainedMemory() ?? 0
  const machine = `the machine has ${memory(totalmem())}`
  return limit > 0 && limit < totalmem() ? `${machine}, this process may take ${memory(limit)}` : machine
}

async function startOf(threads: number | undefined): Promise<{ finding: Finding; engine?: Engine; ms?: number }> {
  const before = performance.now()
  try {
    const engine = await createEngine(threads === undefined ? {} : { threads })
    const ms = Math.round(performance.now() - before)
    const wanted = threads ?? capabilities().threads
    const why = engine.reason === undefined ? '' : `: ${engine.reason}`
    const text = `${engine.build} build on ${counted(engine.threads, 'thread')}, started in ${ms} ms${why}`
    const verdict = engine.threads < wanted ? 'limited' : 'ok'
    return { finding: { name: 'engine', verdict, text }, engine, ms }
  } catch (error) {
    // An invalid number of threads is an error of the caller, not of the machine.
    if (error instanceof TastespaceError && error.code.startsWith('config/')) throw error
    return { finding: { name: 'engine', verdict: 'broken', text: messageOf(error) } }
  }
}

async function trainingOf(engine: Engine): Promise<Finding> {
  const before = performance.now()
  try {
    const right = await isTrainingRight(engine)
    const ms = Math.round(performance.now() - before)
    if (right) return { name: 'training', verdict: 'ok', text: `gives the known result, in ${ms} ms` }
    return { name: 'training', verdict: 'broken', text: 'gives a wrong result: do not trust it' }
  } catch (error) {
    return { name: 'training', verdict: 'broken', text: messageOf(error) }
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
