import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { install, MINUTES, pack, recommended, runIn } from './support.ts'

const tarball = await pack()

test.each(['node-esm', 'node-cjs'])(
  '%s: the package trains an epoch and recommends',
  { timeout: MINUTES },
  async (project) => {
    const folder = await install(project, tarball)
    const told = JSON.parse(await runIn(folder, 'node', 'main.js'))
    expect(told).toEqual({ build: 'mt', recommended: await recommended() })
  },
)

test('the command-line program runs', { timeout: MINUTES }, async () => {
  const folder = await install('node-esm', tarball)
  const { version } = JSON.parse(await readFile(`${folder}/node_modules/tastespace/package.json`, 'utf8'))
  expect((await runIn(folder, 'npx', '--no-install', 'tastespace', '--version')).trim()).toBe(version)
})
