import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { MINUTES, pack, runIn } from './support.ts'

const tarball = await pack()
const root = fileURLToPath(new URL('../..', import.meta.url))

// Each program fails and prints its findings if it finds a problem.

test('publint finds no problems', { timeout: MINUTES }, async () => {
  expect(await runIn(root, 'npx', '--no-install', 'publint', 'run', tarball, '--strict')).toContain('All good!')
})

test('attw finds no wrong types for any module resolution', { timeout: MINUTES }, async () => {
  // The module of the edge is a file, which nothing requires.
  const flags = ['--exclude-entrypoints', 'edge.wasm']
  expect(await runIn(root, 'npx', '--no-install', 'attw', tarball, ...flags)).toContain('No problems found')
})
