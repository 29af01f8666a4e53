// Servers whose program is bundled, with tastespace in the bundle or beside it.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { install, MINUTES, pack, recommended, runIn } from './support.ts'

const tarball = await pack()
const expected = { build: 'mt', recommended: await recommended() }
const tools = fileURLToPath(new URL('../../node_modules/.bin/', import.meta.url))

/** A folder outside of the project, as the machine has where a bundle runs. */
const elsewhere = await mkdtemp(join(tmpdir(), 'tastespace bundle '))
afterAll(() => rm(elsewhere, { recursive: true }))

describe('a bundle of esbuild or Rollup', { timeout: MINUTES }, async () => {
  const folder = await install('node-esm', tarball)
  const bundlers = {
    'esbuild, ESM': ['esbuild', 'main.js', '--bundle', '--platform=node', '--format=esm', '--outfile=out/main.mjs'],
    'esbuild, CommonJS': ['esbuild', 'wrapped.js', '--bundle', '--platform=node', '--outfile=out/main.cjs'],
    Rollup: ['rollup', 'main.js', '--config', 'rollup.config.mjs', '--file', 'out/main.mjs'],
  }
  // Top-level await is for ESM only.
  const [head = '', ...rest] = (await readFile(join(folder, 'main.js'), 'utf8')).split('\n')
  await writeFile(join(folder, 'wrapped.js'), `${head}\nasync function main() {\n${rest.join('\n')}\n}\nmain()\n`)
  const resolving = `{ name: 'resolve', resolveId: (id) => id === 'tastespace' ? ${JSON.stringify(join(folder, 'node_modules/tastespace/dist/index.mjs'))} : null }`
  await writeFile(
    join(folder, 'rollup.config.mjs'),
    `export default { plugins: [${resolving}], output: { format: 'es', inlineDynamicImports: true }, onwarn() {} }\n`,
  )

  test.each(Object.entries(bundlers))('%s', async (_, [program = '', ...words]) => {
    const out = words.at(-1)?.replace(/.*=/, '') ?? ''
    await runIn(folder, join(tools, program), ...words)
    // The package is installed near the bundle.
    expect(JSON.parse(await runIn(folder, 'node', out))).toEqual(expected)
    // Neither the package nor its files are there.
    const moved = join(elsewhere, out.replace(/.*\//, ''))
    await cp(join(folder, out), moved)
    const alone = await runIn(elsewhere, 'node', moved).catch((error) => error)
    expect(String(alone.stderr)).toMatch(/TastespaceError: the engine did not start: .*esbuild --external:tastespace/)
    expect(String(alone.stderr)).toContain("code: 'engine/not-started'")
    // Its files are beside the bundle, as in a zip for AWS Lambda.
    await cp(join(folder, 'node_modules/tastespace/dist'), join(elsewhere, 'tastespace'), { recursive: true })
    expect(JSON.parse(await runIn(elsewhere, 'node', moved))).toEqual(expected)
    await rm(join(elsewhere, 'tastespace'), { recursive: true })
  })
})

describe('Next', { timeout: 2 * MINUTES }, async () => {
  const folder = await install('next', tarball)

  test.each(['turbopack', 'webpack'])('a route handler in a standalone server, built with %s', async (bundler) => {
    await rm(join(folder, '.next'), { recursive: true, force: true })
    await runIn(folder, 'node_modules/.bin/next', 'build', `--${bundler}`)
    const moved = join(elsewhere, bundler)
    await cp(join(folder, '.next/standalone'), moved, { recursive: true })
    const port = await freePort()
    const server = spawn(process.execPath, ['server.js'], {
      cwd: moved,
      env: { ...process.env, PORT: String(port), HOSTNAME: '127.0.0.1' },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    try {
      await once(server.stdout, 'data')
      const response = await fetch(`http://127.0.0.1:${port}/recommend`)
      expect(await response.json()).toEqual(expected)
    } finally {
      const ended = once(server, 'exit')
      server.kill()
      await ended
    }
  })
})

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  return typeof address === 'object' && address ? address.port : 0
}
