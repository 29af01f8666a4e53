import { expect, test } from 'vitest'
import { run, temporaryFolder } from './support.ts'

const folder = temporaryFolder()

test('doctor reports that the engine starts and that training gives the known result', async () => {
  const { code, stdout, stderr } = await run(folder, 'doctor', '--threads', '2')
  expect({ code, stderr }).toEqual({ code: 0, stderr: 'All is well.\n' })
  expect(stdout).toMatch(/^ok {2}engine +mt build on 2 threads, started in \d+ ms$/m)
  expect(stdout).toMatch(/^ok {2}training {2}gives the known result, in \d+ ms$/m)
})

test('doctor --json prints one document', async () => {
  const { code, stdout } = await run(folder, 'doctor', '--json', '--threads', '1')
  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({
    ok: true,
    capabilities: { build: 'mt', simd: true },
    engine: { build: 'mt', threads: 1, startMs: expect.any(Number) },
    findings: expect.arrayContaining([{ name: 'training', verdict: 'ok', text: expect.any(String) }]),
  })
})
