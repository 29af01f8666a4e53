import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { MINUTES, pack, runIn } from './support.ts'

const tarball = await pack()
const root = fileURLToPath(new URL('../..', import.meta.url))

// Each fails, with what it found, where there is something to be found.

test('publint finds nothing', { timeout: MINUTES }, async () => {
  expect(await runIn(root, 'npx', '--no-install', 'publint', 'run', tarball, '--strict')).toContain('All good!')
})

test('no types are wrong, for whatever way of resolving', { timeout: MINUTES }, async () => {
  expect(await runIn(root, 'npx', '--no-install', 'attw', tarball)).toContain('No problems found')
})
