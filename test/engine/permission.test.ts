import { expect, test } from 'vitest'
import { runInNode } from './support.ts'

/** The flag of the permission model, which has another name since Node 22.13. */
const PERMISSION = process.allowedNodeEnvironmentFlags.has('--permission')
  ? '--permission'
  : '--experimental-permission'

const START = `
  const outcome = await tastespace.createEngine().then(() => 'started', (error) => error)
  const written = await tastespace.writeFile('/nowhere', 'x').catch((error) => error)
  console.log(JSON.stringify({ outcome, written }))
  process.exit()`

test('under the permission model errors name the flag that is missing', async () => {
  const { code, stdout } = await runInNode(START, { flags: [PERMISSION, '--allow-fs-read=*'] })
  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({
    outcome: { code: 'engine/not-started', message: expect.stringContaining('--allow-worker') },
    written: { code: 'file/no-access', message: expect.stringContaining('--allow-fs-write') },
  })
})

test('with the flags it starts', async () => {
  const { stdout } = await runInNode(START, { flags: [PERMISSION, '--allow-fs-read=*', '--allow-worker'] })
  expect(JSON.parse(stdout)).toMatchObject({ outcome: 'started' })
})
