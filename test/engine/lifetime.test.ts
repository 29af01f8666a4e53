import { expect, test } from 'vitest'
import { runInNode, startEngine } from './support.ts'

test('dispose can be called twice', async () => {
  const engine = await startEngine({ threads: 2 })
  engine.dispose()
  engine.dispose()
})

test('after dispose every call rejects, including pending calls', async () => {
  const engine = await startEngine({ threads: 2 })
  const onTheirWay = Promise.allSettled([engine.call('probeCancel', 4e9), engine.call('probeThreads')])
  engine.dispose()
  const disposed = { code: 'disposed', name: 'TastespaceError' }
  for (const { reason } of (await onTheirWay) as PromiseRejectedResult[]) expect(reason).toMatchObject(disposed)
  await expect(engine.call('probeThreads')).rejects.toMatchObject(disposed)
})

test.each(['mt', 'st'])('a process exits without disposing its idle %s engine', async (build) => {
  const { code, stdout } = await runInNode(
    `const engine = await tastespace.createEngine({ build: '${build}' })
     console.log(await engine.call('probeThreads') === engine.threads)`,
  )
  expect([code, stdout]).toEqual([0, 'true\n'])
})

test('a process stays alive until a pending call resolves', async () => {
  const { code, stdout } = await runInNode(
    `const engine = await tastespace.createEngine()
     void engine.call('probeCancel', 5e7).then(console.log)`,
  )
  expect([code, stdout]).toEqual([0, 'false\n'])
})
