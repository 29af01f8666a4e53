import type { Worker } from 'node:worker_threads'
import { expect, test } from 'vitest'
import { beside, runInNode, settled, startEngine, withEngine } from './support.ts'

const FAULTS = [
  { kind: 'panic', inPool: false, says: 'injected fault' },
  { kind: 'panic', inPool: true, says: 'injected fault' },
  { kind: 'trap', inPool: false, says: 'unreachable' },
  { kind: 'trap', inPool: true, says: 'unreachable' },
  { kind: 'memory', inPool: false, says: 'out of memory: 64 MiB more were needed, with ' },
  { kind: 'memory', inPool: true, says: 'out of memory: 64 MiB more were needed, with ' },
] as const

for (const build of ['mt', 'st'] as const) {
  test.each(FAULTS)(`$kind ends the ${build} engine for good (in the pool: $inPool)`, ({ kind, inPool, says }) =>
    withEngine({ build }, (other) =>
      withEngine({ build }, async (engine) => {
        const calls = [engine.call('injectFault', kind, inPool), engine.call('probeThreads')]
        const crashed = { code: 'engine/crashed', details: { reason: expect.stringContaining(says) } }
        for (const result of await settled(calls)) expect(result).toMatchObject({ reason: crashed })
        await expect(engine.call('probeThreads')).rejects.toMatchObject(crashed)
        expect(await other.call('probeThreads')).toBe(other.threads)
      }),
    ),
  )
}

test('an engine rejects its calls if its worker is killed', async () => {
  const workers: Worker[] = []
  const remember = (worker: Worker) => workers.push(worker)
  process.on('worker', remember)
  const engine = await startEngine({ threads: 2 })
  process.off('worker', remember)

  const calls = [engine.call('probeCancel', 4e9), engine.call('probeThreads')]
  void workers[0]?.terminate()
  const crashed = { reason: { code: 'engine/crashed' } }
  expect(await settled(calls)).toMatchObject([crashed, crashed])
  await expect(engine.call('probeThreads')).rejects.toMatchObject(crashed.reason)
})

test('an engine rejects its calls if one of its threads is killed, and other engines continue', async () => {
  const { code, stdout } = await runInNode(
    `const [engine, other] = [await tastespace.createEngine({ threads: 3 }), await tastespace.createEngine({ threads: 2 })]
     new BroadcastChannel('kill a thread').postMessage(2)
     // It takes all threads, one of which is no more or will not be for long.
     const failed = []
     while (failed.length < 2) await engine.call('probeThreads').catch((error) => failed.push(error.toJSON()))
     console.log(JSON.stringify([failed, await other.call('probeThreads')]))
     process.exit()`,
    { preload: beside('kill-a-thread.mjs') },
  )
  const crashed = { code: 'engine/crashed', details: { reason: 'a thread of the pool ended' } }
  expect(JSON.parse(stdout)).toMatchObject([[crashed, crashed], 2])
  expect(code).toBe(0)
})
