import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { run, temporaryFolder } from './support.ts'

const folder = temporaryFolder()
const CLI = fileURLToPath(new URL('../../dist/cli.mjs', import.meta.url))
writeFileSync(join(folder, 'my ratings.csv'), 'user,item,rating\na,b,3\n')

/** Starts the studio on any free port. */
async function studio(...words: string[]) {
  const child = spawn(process.execPath, [CLI, 'studio', ...words, '--port', '0', '--json'], { cwd: folder })
  afterAll(() => {
    child.kill('SIGKILL')
  })
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve))
  const url = await new Promise<string>((resolve) => {
    createInterface({ input: child.stdout }).once('line', (line) => resolve(JSON.parse(line).url))
  })
  return { url: new URL(url), child, ended }
}

test('serves the page with the headers of threads, the data, and nothing else of the machine', async () => {
  const { url, child, ended } = await studio('my ratings.csv')
  expect(url.hash).toBe('#given=my+ratings.csv')
  const page = await fetch(url)
  expect(page.status).toBe(200)
  expect(Object.fromEntries(page.headers)).toMatchObject({
    'content-type': 'text/html; charset=utf-8',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-embedder-policy': 'require-corp',
    'x-content-type-options': 'nosniff',
  })
  const given = await fetch(new URL('given/my%20ratings.csv', url.origin))
  expect(await given.text()).toBe('user,item,rating\na,b,3\n')
  expect(
    (await fetch(new URL('lib/mt/tastespace_wasm_bg.wasm', url.origin), { method: 'HEAD' })).headers.get(
      'content-type',
    ),
  ).toBe('application/wasm')
  for (const path of ['package.json', '..%2fpackage.json', 'lib/cli.mjs', 'given/..%2fratings.csv', '%00', '%']) {
    expect([path, (await fetch(`${url.origin}/${path}`)).status]).toEqual([path, 404])
  }
  expect((await fetch(url, { method: 'POST' })).status).toBe(405)
  child.kill('SIGINT')
  expect(await ended).toBe(0)
})

test('refuses names of other sites, which find local servers by their own DNS', async () => {
  const { url, child } = await studio()
  const status = await new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port: url.port, headers: { host: 'evil.example' } }, (response) =>
      resolve(response.statusCode),
    )
      .on('error', reject)
      .end()
  })
  expect(status).toBe(403)
  child.kill('SIGINT')
})

test('--out writes a page for a static host', async () => {
  const { code, stdout } = await run(folder, 'studio', '--out', 'site', '--json')
  expect(code).toBe(0)
  const { files } = JSON.parse(stdout)
  expect(files).toBeGreaterThan(10)
  expect(readFileSync(join(folder, 'site/index.html'), 'utf8')).toContain('tastespace studio')
  for (const file of ['page.mjs', 'service-worker.mjs', 'lib/browser.mjs', 'lib/st/tastespace_wasm_bg.wasm']) {
    expect(existsSync(join(folder, 'site', file)), file).toBe(true)
  }
})

test('says what is wrong before it serves', async () => {
  mkdirSync(join(folder, 'directory'))
  const missing = await run(folder, 'studio', 'no.csv')
  expect([missing.code, missing.stderr]).toEqual([1, expect.stringContaining('no.csv: there is no such file')])
  const directory = await run(folder, 'studio', 'directory')
  expect([directory.code, directory.stderr]).toEqual([1, expect.stringContaining('is no plain file')])
  const both = await run(folder, 'studio', 'my ratings.csv', '--out', 'other')
  expect([both.code, both.stderr]).toEqual([2, expect.stringContaining('--out writes the page without data')])
  const alone = await run(folder, 'studio', '--items', 'my ratings.csv')
  expect([alone.code, alone.stderr]).toEqual([2, expect.stringContaining('name that too')])
})
