import { createEngine } from 'tastespace'
import { expect, test } from 'vitest'
import { beside, runInNode } from './support.ts'

/** Starts an engine with two threads; prints its properties or the error. */
const START = `
  const started = tastespace.createEngine({ threads: 2, startTimeout: 1000 })
  const { build, threads, reason, code, details } = await started.catch((error) => error)
  console.log(JSON.stringify({ build, threads, reason, code, details }))
  process.exit()`

const broken = (search: string) => ({ preload: `${beside('broken-worker.mjs')}?${search}` })

test.each([
  { what: 'fails', search: 'file=pool-node.mjs', why: 'a thread of the pool did not start: a worker too many' },
  { what: 'hangs', search: 'file=pool-node.mjs&hang', why: 'it did not start within 1 seconds' },
])('an engine has one thread and reports why if its pool $what at start', async ({ search, why }) => {
  const { code, stdout, stderr } = await runInNode(START, broken(search))
  expect(JSON.parse(stdout)).toEqual({ build: 'st', threads: 1, reason: why })
  expect(stderr).toBe(`tastespace: computing on one thread, because threads cannot be had here: ${why}\n`)
  expect(code).toBe(0)
})

test.each([
  { what: 'fails', search: 'file=engine-node.mjs', why: 'a worker too many' },
  { what: 'hangs', search: 'file=engine-node.mjs&hang', why: 'it did not start within 1 seconds' },
])('createEngine rejects if the worker of the engine $what at start', async ({ search, why }) => {
  const { code, stdout } = await runInNode(START, broken(search))
  expect(JSON.parse(stdout)).toEqual({ code: 'engine/not-started', details: { reason: why } })
  expect(code).toBe(0)
})

test.each([0, -1, Number.NaN])('a start timeout of %d is rejected', async (startTimeout) => {
  await expect(createEngine({ startTimeout })).rejects.toMatchObject({
    code: 'config/out-of-range',
    details: { key: 'startTimeout', min: 1 },
  })
})

/** Trains one epoch if the engine starts. */
const TRAIN = `
  try {
    const engine = await tastespace.createEngine({ threads: 2 })
    const model = await tastespace.BiasedMF.create({}, { engine })
    await model.fit(await tastespace.Dataset.synthetic({ engine }), { epochs: 1 })
    console.log(JSON.stringify({ build: engine.build, reason: engine.reason }))
  } catch (error) {
    console.log(JSON.stringify(error))
  }
  process.exit()`

// Results between these limits depend on the version of Node: see CONTRIBUTING.md.
test.each([
  { addresses: 24, flags: [], comes: { build: 'mt' } },
  {
    addresses: 6,
    flags: [],
    comes: { code: 'engine/not-started', message: expect.stringContaining('10 GiB of addresses') },
  },
  { addresses: 6, flags: ['--disable-wasm-trap-handler'], comes: { build: 'mt' } },
  {
    addresses: 1.25,
    flags: [],
    comes: { code: 'engine/not-started', message: expect.stringContaining('ulimit -v) is 1.3 GiB') },
  },
])('starts or reports why not with $addresses GiB of addresses and $flags', async ({ comes, ...surroundings }) => {
  const { code, stdout } = await runInNode(TRAIN, surroundings)
  expect(JSON.parse(stdout)).toMatchObject(comes)
  expect(code).toBe(0)
})

test('with a low limit on addresses an engine has one thread and reports why', async () => {
  const { code, stdout } = await runInNode(TRAIN, { addresses: 1.875, flags: ['--disable-wasm-trap-handler'] })
  expect(JSON.parse(stdout)).toEqual({
    build: 'st',
    reason: expect.stringContaining('the limit on addresses (ulimit -v) is 1.9 GiB'),
  })
  expect(code).toBe(0)
})
