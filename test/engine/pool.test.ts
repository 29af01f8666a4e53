import { createEngine } from 'tastespace'
import { expect, test } from 'vitest'
import { withEngine } from './support.ts'

test.each([1, 2, 4])('all %i threads of a pool work at the same time', (threads) =>
  withEngine({ threads }, async (engine) => {
    expect([engine.build, engine.threads]).toEqual(['mt', threads])
    expect(await engine.call('probeThreads')).toBe(threads)
  }),
)

test('the single-threaded build computes on one thread', () =>
  withEngine({ build: 'st' }, async (engine) => {
    expect([engine.build, engine.threads]).toEqual(['st', 1])
    expect(await engine.call('probeThreads')).toBe(1)
  }))

test('concurrent engines have separate pools', () =>
  withEngine({ threads: 2 }, (two) =>
    withEngine({ threads: 3 }, async (three) => {
      expect(await Promise.all([two.call('probeThreads'), three.call('probeThreads')])).toEqual([2, 3])
    }),
  ))

test.each([0, -1, 1.5, 65, Number.NaN])('%d threads are rejected', async (threads) => {
  await expect(createEngine({ threads })).rejects.toMatchObject({
    code: 'config/out-of-range',
    details: { key: 'threads', min: 1, max: 64 },
  })
})

test('the single-threaded build rejects more than one thread', async () => {
  await expect(createEngine({ threads: 2, build: 'st' })).rejects.toMatchObject({ code: 'config/out-of-range' })
})
