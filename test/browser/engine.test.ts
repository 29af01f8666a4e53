import { expect, test } from 'vitest'
import { withPage } from './support.ts'

test('an isolated page has as many threads as the hardware', () =>
  withPage({ isolated: true }, async (page) => {
    const { capabilities, hardware, userAgent } = await page.evaluate(() => ({
      capabilities: window.tastespace.capabilities(),
      hardware: navigator.hardwareConcurrency,
      userAgent: navigator.userAgent,
    }))
    expect(capabilities).toEqual({
      build: 'mt',
      threads: Math.min(hardware, 16),
      sharedMemory: true,
      simd: true,
      hardwareThreads: hardware,
      memoryLimit: 2 ** 32,
      runtime: { userAgent },
    })
  }))

test('a page that is not isolated has one thread, and reports why', () =>
  withPage({}, async (page) => {
    expect(await page.evaluate(() => window.tastespace.capabilities())).toMatchObject({
      build: 'st',
      threads: 1,
      reason: expect.stringContaining('Cross-Origin-Embedder-Policy: require-corp'),
      sharedMemory: false,
      simd: true,
    })
  }))

test('warns once if threads are requested but not available', () =>
  withPage({}, async (page) => {
    const warnings: string[] = []
    page.on('console', (message) => warnings.push(message.text()))
    const engines = await page.evaluate(async () => {
      const { createEngine } = window.tastespace
      const engines = [await createEngine(), await createEngine({ threads: 2 }), await createEngine({ build: 'mt' })]
      return engines.map(({ build, threads }) => [build, threads])
    })
    expect(engines).toEqual([
      ['st', 1],
      ['st', 1],
      ['st', 1],
    ])
    expect(warnings).toEqual([expect.stringMatching(/^tastespace: computing on one thread.*not cross-origin isolated/)])
  }))

test.each([1, 2, 4])('all %i workers of a pool work at the same time', (threads) =>
  withPage({ isolated: true }, async (page) => {
    const counted = await page.evaluate(async (threads) => {
      const engine = await window.tastespace.createEngine({ threads })
      return [engine.build, engine.threads, await engine.call('probeThreads')]
    }, threads)
    expect(counted).toEqual(['mt', threads, threads])
  }),
)

test.each([true, false])('concurrent and successive engines are independent (isolated: %s)', (isolated) =>
  withPage({ isolated }, async (page) => {
    const alive = await page.evaluate(async () => {
      const { createEngine, Dataset } = window.tastespace
      const [a, b] = await Promise.all([createEngine(), createEngine()])
      const [few, many] = await Promise.all([
        Dataset.synthetic({ users: 10, items: 10, ratings: 30, engine: a }),
        Dataset.synthetic({ users: 20, items: 20, ratings: 60, engine: b }),
      ])
      a.dispose()
      const refused = await few.info().catch((error) => error.code)
      const { rows } = await many.info()
      // A leaked worker or memory would soon exhaust the address space: each reserves gigabytes of addresses.
      for (let round = 0; round < 30; round++) (await createEngine()).dispose()
      return { refused, rows, alive: [a.alive, b.alive] }
    })
    expect(alive).toEqual({ refused: 'disposed', rows: 60, alive: [false, true] })
  }),
)

const FAULTS = [
  { kind: 'panic', inPool: false, says: 'injected fault' },
  { kind: 'panic', inPool: true, says: 'injected fault' },
  { kind: 'trap', inPool: false, says: 'unreachable' },
  { kind: 'trap', inPool: true, says: 'unreachable' },
] as const

for (const isolated of [true, false]) {
  test.each(FAULTS)(`a $kind ends the engine for good (in the pool: $inPool, isolated: ${isolated})`, (fault) =>
    withPage({ isolated }, async (page) => {
      const outcome = await page.evaluate(async ({ kind, inPool }) => {
        const { createEngine } = window.tastespace
        const [engine, other] = await Promise.all([createEngine(), createEngine()])
        const calls = [engine.call('injectFault', kind, inPool), engine.call('probeThreads')]
        const codes = (await Promise.allSettled(calls)).map(
          (call) => call.status === 'rejected' && call.reason.toJSON(),
        )
        codes.push(await engine.call('probeThreads').catch((error) => error.toJSON()))
        return { codes, others: (await other.call('probeThreads')) === other.threads }
      }, fault)
      const crashed = { code: 'engine/crashed', details: { reason: expect.stringContaining(fault.says) } }
      expect(outcome.codes).toEqual([1, 2, 3].map(() => expect.objectContaining(crashed)))
      expect(outcome.others).toBe(true)
    }),
  )
}
