import { BiasedMF, Dataset, loadModel } from 'tastespace'
import { expect, test } from 'vitest'
import { runInNode, type TestEngine, withEngine } from './support.ts'

const GIB = 2 ** 30

test.each(['mt', 'st'] as const)('the %s engine reports its memory usage', (build) =>
  withEngine({ build }, async (engine) => {
    const before = await engine.usage()
    expect([engine.memoryLimit, before.limitBytes]).toEqual([4 * GIB, 4 * GIB])
    const data = await Dataset.synthetic({ engine })
    data.dispose()
    const after = await engine.usage()
    // 50,000 rows of 20 bytes.
    expect(after.peakBytes - before.usedBytes).toBeGreaterThan(1e6)
    expect(after.heldBytes).toBeGreaterThan(after.peakBytes)
    expect(after.heldBytes).toBeLessThan(0.1 * GIB)
    expect(after.usedBytes - before.usedBytes).toBeLessThan(1e5)
    expect((await engine.usage()).peakBytes).toBeLessThan(after.peakBytes)
  }),
)

test('training that needs too much memory is rejected before it starts, by estimate and by allocation', () =>
  withEngine({ threads: 2 }, async (engine) => {
    const data = await Dataset.synthetic({ engine, users: 150_000, items: 1000, ratings: 150_000 })
    const large = await BiasedMF.create({ factors: 4096 }, { engine })
    const refusal = () => large.fit(data, { epochs: 1 }).catch((error) => error.toJSON())
    const byEstimate = await refusal()
    expect(byEstimate).toEqual({
      code: 'memory/too-large',
      message: expect.stringMatching(
        /^biased-mf needs about \d+ MiB to train on .* MiB are free: lower factors, or use less data/,
      ),
      details: expect.objectContaining({ kind: 'biased-mf', users: 150_000, option: 'factors' }),
    })
    const { neededBytes, freeBytes } = byEstimate.details
    expect(neededBytes).toBeGreaterThan(4 * GIB)
    expect(freeBytes).toBeGreaterThan(3.5 * GIB)

    // With twice the real limit, the estimate accepts the training, but the allocation fails.
    await engine.call('setMemoryLimit', 8 * GIB)
    const byMachine = await refusal()
    expect(byMachine).toMatchObject({ code: 'memory/too-large', details: { neededBytes } })
    expect(byMachine.details.freeBytes).toBeLessThan(4 * GIB)

    const small = await BiasedMF.create({ factors: 4 }, { engine })
    await small.fit(data, { epochs: 1 })
  }))

test('calls that need too much memory for their result are rejected', () =>
  withEngine({ threads: 2 }, async (engine) => {
    const data = await Dataset.synthetic({ engine })
    const model = await BiasedMF.create({}, { engine })
    await model.fit(data, { epochs: 1 })
    const bytes = await model.toBytes()
    await engine.call('setMemoryLimit', 0)
    const refused = (what: string) => ({
      code: 'memory/too-large',
      message: expect.stringContaining(`${what} needs about `),
    })
    await expect(model.toBytes()).rejects.toMatchObject(refused('saving this model'))
    await expect(model.recommend(['1'])).rejects.toMatchObject(refused('recommending so many items to so many users'))
    await expect(loadFrom(bytes, engine)).rejects.toMatchObject(refused('loading this model'))
    await expect(model.similarItems(['1'])).rejects.toMatchObject(refused('finding so many similar ones'))
    await expect(data.split({ by: 'random' })).rejects.toMatchObject(refused('splitting this data'))
    await expect(data.filter({ core: 2 })).rejects.toMatchObject(refused('filtering this data'))
    await expect(Dataset.synthetic({ engine })).rejects.toMatchObject(refused('generating this data'))
    const file = Dataset.fromBytes(new TextEncoder().encode('user,item\na,b\n'), { engine })
    await expect(file).rejects.toMatchObject(refused('reading more of this data'))
  }))

test('recommendArrays returns more recommendations than JavaScript can hold as objects', () =>
  withEngine({ threads: 2 }, async (engine) => {
    const data = await Dataset.synthetic({ users: 100, items: 1000, ratings: 2000, engine })
    const model = await BiasedMF.create({ factors: 2 }, { engine })
    await model.fit(data, { epochs: 1 })
    const users = Array.from({ length: 5100 }, () => '1')
    const options = { k: 1000, seen: 'include' } as const
    await expect(model.recommend(users, options)).rejects.toMatchObject({
      code: 'memory/too-large',
      message: expect.stringContaining('use recommendArrays'),
    })
    expect((await model.recommendArrays(users, options)).items.length).toBe(5_100_000)
    expect(await model.recommend('1', { k: 3 })).toHaveLength(3)
  }))

function loadFrom(bytes: Uint8Array, engine: TestEngine): Promise<number> {
  return engine.call('load', 'model', bytes)
}

test('memory usage is unchanged after 1,000 models and data sets', () =>
  withEngine({ threads: 2 }, async (engine) => {
    const round = async () => {
      const data = await Dataset.synthetic({ engine, users: 60, items: 40, ratings: 600 })
      const model = await BiasedMF.create({ factors: 8 }, { engine })
      await model.fit(data, { epochs: 1 })
      await model.recommend(['1'])
      data.dispose()
      model.dispose()
    }
    const measure = async () => ({ ...(await engine.usage()), rss: process.memoryUsage.rss() })
    // Warm-up: one-time allocations and the garbage collector settle first.
    for (let count = 0; count < 200; count++) await round()
    const before = await measure()
    for (let count = 0; count < 1000; count++) await round()
    const after = await measure()
    expect(after).toMatchObject({ usedBytes: before.usedBytes, heldBytes: before.heldBytes, handles: 0 })
    // A round uses 50 KB: a thousand leaked rounds would be 50 MB.
    expect(after.rss - before.rss).toBeLessThan(32e6)
  }))

test('disposed engines release their memory', async () => {
  const { code, stdout } = await runInNode(
    `const round = async () => {
       const engine = await tastespace.createEngine({ threads: 2 })
       await tastespace.Dataset.synthetic({ engine, ratings: 100_000 })
       engine.dispose()
       return engine
     }
     const kept = []
     const rss = async () => {
       gc()
       await new Promise((resolve) => setTimeout(resolve, 200))
       return process.memoryUsage.rss()
     }
     for (let count = 0; count < 3; count++) kept.push(await round())
     const before = await rss()
     for (let count = 0; count < 10; count++) kept.push(await round())
     console.log(await rss() - before)
     process.exit()`,
    { flags: ['--expose-gc'] },
  )
  expect(code).toBe(0)
  // Each engine had filled some 15 MB, and its object is kept alive here.
  expect(Number(stdout)).toBeLessThan(50e6)
})

test('unreferenced models and data sets are freed, and those in use are kept', async () => {
  const { stdout } = await runInNode(
    `const engine = await tastespace.createEngine({ threads: 2 })
     const used = await tastespace.Dataset.synthetic({ engine })
     const usage = async () => await engine.usage()
     // The tables of options are made once.
     await tastespace.describe(engine)
     const before = await usage()
     await (async () => {
       for (let count = 0; count < 20; count++) {
         const model = await tastespace.BiasedMF.create({}, { engine })
         await model.fit(await tastespace.Dataset.synthetic({ engine, seed: count }), { epochs: 1 })
       }
     })()
     const forgotten = await usage()
     const deadline = Date.now() + 10_000
     while ((await usage()).handles > 1 && Date.now() < deadline) {
       gc()
       await new Promise((resolve) => setTimeout(resolve, 10))
     }
     const after = await usage()
     console.log(JSON.stringify({ before, forgotten, after, rows: (await used.info()).rows }))
     process.exit()`,
    { flags: ['--expose-gc'] },
  )
  const { before, forgotten, after, rows } = JSON.parse(stdout)
  expect(before.handles).toBe(1)
  expect(forgotten.handles).toBeGreaterThan(20)
  // The table of handles does not shrink.
  expect([after.handles, after.usedBytes - before.usedBytes < 10_000]).toEqual([1, true])
  expect(rows).toBe(50_000)
})

test('a stream without an end is refused where it is longer than an engine can hold', async () => {
  const chunk = new Uint8Array(2 ** 28)
  async function* endless() {
    for (;;) yield chunk
  }
  await expect(loadModel(endless())).rejects.toMatchObject({ code: 'memory/too-large', details: { limit: 4 * GIB } })
})
