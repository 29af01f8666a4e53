import { availableParallelism } from 'node:os'
import { capabilities } from 'tastespace'
import { expect, test } from 'vitest'
import { beside, runInNode } from './support.ts'

test('Node has as many threads as the hardware', () => {
  expect(capabilities()).toEqual({
    build: 'mt',
    threads: Math.min(availableParallelism(), 16),
    sharedMemory: true,
    simd: true,
    hardwareThreads: availableParallelism(),
    memoryLimit: 2 ** 32,
    runtime: { node: process.versions.node, v8: process.versions.v8 },
  })
})

test('where there is no SharedArrayBuffer, it says so', async () => {
  const { stdout } = await runInNode(
    'delete globalThis.SharedArrayBuffer\nconsole.log(JSON.stringify(tastespace.capabilities().sharedMemory))',
  )
  expect(JSON.parse(stdout)).toBe(false)
})

test('without shared memory an engine has one thread, and warns once if more were requested', async () => {
  const { code, stdout, stderr } = await runInNode(
    `const engines = [await tastespace.createEngine({ threads: 2 }), await tastespace.createEngine({ threads: 2 })]
     console.log(JSON.stringify(engines.map(({ build, threads, reason }) => [build, threads, reason])))`,
    { preload: beside('no-shared-memory.mjs') },
  )
  const single = ['st', 1, expect.stringContaining('WebAssembly memory cannot be allocated')]
  expect(JSON.parse(stdout)).toEqual([single, single])
  expect(stderr.match(/tastespace: computing on one thread/g)).toHaveLength(1)
  expect(code).toBe(0)
})

test('does not warn if no number of threads was requested', async () => {
  const { stderr } = await runInNode('await tastespace.createEngine()', {
    preload: beside('no-shared-memory.mjs'),
  })
  expect(stderr).toBe('')
})
