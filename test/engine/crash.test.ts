import type { Worker } from 'node:worker_threads'
import { createEngine } from 'tastespace'
import { expect, test } from 'vitest'
import { withEngine } from './support.ts'

const FAULTS = [
  { kind: 'panic', inPool: false, says: 'injected fault' },
  { kind: 'panic', inPool: true, says: 'injected fault' },
  { kind: 'trap', inPool: false, says: 'unreachable' },
  { kind: 'trap', inPool: true, says: 'unreachable' },
] as const

for (const build of ['mt', 'st'] as const) {
  test.each(FAULTS)(`a $kind ends the ${build} engine for good (in the pool: $inPool)`, ({ kind, inPool, says }) =>
    withEngine({ build }, (other) =>
      withEngine({ build }, async (engine) => {
        const calls = [engine.call('injectFault', kind, inPool), engine.call('probeThreads')]
        const crashed = { code: 'engine/crashed', details: { reason: expect.stringContaining(says) } }
        for (const result of await Promise.allSettled(calls)) expect(result).toMatchObject({ reason: crashed })
        await expect(engine.call('probeThreads')).rejects.toMatchObject(crashed)
        expect(await other.call('probeThreads')).toBe(other.threads)
      }),
    ),
  )
}

test('an engine whose worker is killed rejects what it was asked', async () => {
  const workers: Worker[] = []
  const remember = (worker: Worker) => workers.push(worker)
  process.on('worker', remember)
  const engine = await createEngine({ threads: 2 })
  process.off('worker', remember)

  const running = engine.call('probeCancel', 4e9)
  void workers[0]?.terminate()
  await expect(running).rejects.toMatchObject({ code: 'engine/crashed' })
  await expect(engine.call('probeThreads')).rejects.toMatchObject({ code: 'engine/crashed' })
})
