import { type ChildProcess, spawn } from 'node:child_process'
import { cp, readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Dataset, EASE } from 'tastespace'
import { afterAll, expect, test } from 'vitest'
import { install, MINUTES, pack, runIn } from './support.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const examples = join(root, 'examples/serve')

const folder = await install('node-esm', await pack())
await npm('express', 'fastify', 'hono')
await cp(examples, folder, { recursive: true })
const data = await Dataset.fromFile('examples/ratings.csv')
const model = await EASE.create()
await model.fit(data)
await model.save(join(folder, 'model.safetensors'))
const [expected] = await model.recommend(['7'], { k: 3 })

/** Installs packages of the versions that the tests of the repository use, where they are among its packages. */
function npm(...names: string[]): Promise<string> {
  return readFile(join(root, 'package.json'), 'utf8').then((text) => {
    const { devDependencies }: { devDependencies: Record<string, string> } = JSON.parse(text)
    const packages = names.map((name) => `${name}@${devDependencies[name] ?? 'latest'}`)
    return runIn(
      folder,
      'npm',
      'install',
      '--ignore-scripts',
      '--prefer-offline',
      '--no-audit',
      '--no-fund',
      ...packages,
    )
  })
}

/** A port that is free. */
function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}

const children: ChildProcess[] = []
afterAll(() => {
  for (const child of children) child.kill('SIGKILL')
})

/** Runs an example and asks it for a list, for a wrong request, and for its health. */
async function check(program: string, ...args: string[]): Promise<void> {
  const port = await freePort()
  const child = spawn(program, args, { cwd: folder, env: { ...process.env, PORT: String(port) } })
  children.push(child)
  let log = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (log += chunk))
  const url = `http://127.0.0.1:${port}/recommendations`
  const post = (body: string) =>
    fetch(`${url}/recommend`, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
  let answer: Response | undefined
  for (let tries = 0; !answer && tries < 200 && child.exitCode === null; tries++) {
    answer = await post('{"users":["7"],"k":3}').catch(() => undefined)
    if (!answer) await new Promise((resolve) => setTimeout(resolve, 100))
  }
  expect(answer?.status, log).toBe(200)
  expect(await answer?.json()).toEqual({
    model: 'ease',
    users: [{ user: '7', source: 'model', items: expected }],
  })
  const refused = await post('{"users":["7"],"size":3}')
  expect([refused.status, (await refused.json()).error.code]).toEqual([400, 'config/unknown-key'])
  for (const path of ['/health', '/metrics', '/openapi.json', '/items?k=2']) {
    expect((await fetch(url + path)).status, path).toBe(200)
  }
  child.kill('SIGKILL')
}

test.each(['express', 'fastify', 'hono'])('the example of %s runs as printed', { timeout: MINUTES }, (name) =>
  check('node', `${name}.mjs`),
)

/** Installs a runtime from npm. Returns whether there is one for this machine. */
async function runtime(name: string): Promise<boolean> {
  try {
    await npm(name)
    // Bun's package is completed by its install script, which is all that runs.
    if (name === 'bun') await runIn(join(folder, 'node_modules/bun'), 'node', 'install.js')
    await runIn(folder, `node_modules/.bin/${name}`, '--version')
    return true
  } catch (error) {
    console.warn(`skipped: ${name} cannot be installed from npm: ${String(error).split('\n')[0]}`)
    return false
  }
}

test('the example of Deno runs as printed', { timeout: MINUTES }, async ({ skip }) => {
  if (!(await runtime('deno'))) skip()
  await check('node_modules/.bin/deno', 'run', '--allow-all', 'deno.ts')
})

test('the example of Bun runs as printed', { timeout: MINUTES }, async ({ skip }) => {
  if (!(await runtime('bun'))) skip()
  await check('node_modules/.bin/bun', 'bun.ts')
})

test('the route handler of Next has types that fit', { timeout: MINUTES }, async () => {
  const route = 'next/app/api/recommendations/[...path]/route.ts'
  const compilerOptions = {
    noEmit: true,
    strict: true,
    module: 'esnext',
    moduleResolution: 'bundler',
    target: 'es2022',
    lib: ['es2022', 'dom'],
    types: [],
  }
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: [route, 'next/check.ts'] }))
  // What Next expects of the functions of a route.
  await writeFile(
    join(folder, 'next/check.ts'),
    `import { GET, POST } from './app/api/recommendations/[...path]/route'
export const handlers: ((request: Request, context: { params: Promise<object> }) => Response | Promise<Response>)[] = [GET, POST]`,
  )
  await runIn(folder, join(root, 'node_modules/.bin/tsc'), '--project', '.')
})

test('the handler is there for require too, with one class of errors', { timeout: MINUTES }, async () => {
  const script = `
    const { Dataset, loadModel, TastespaceError } = require('tastespace')
    const { createHandler } = require('tastespace/serve')
    const { toNodeListener } = require('tastespace/serve/node')
    try { createHandler(null) } catch (error) { console.log(error instanceof TastespaceError, error.code) }
    loadModel('model.safetensors').then(async (model) => {
      const handler = createHandler(model)
      const response = await handler(new Request('http://x/health'))
      console.log(typeof toNodeListener(handler), response.status)
      process.exit()
    })`
  await writeFile(join(folder, 'required.cjs'), script)
  expect(await runIn(folder, 'node', 'required.cjs')).toBe('true config/bad-argument\nfunction 200\n')
})

test('the programs of docs/serving.md run as printed', { timeout: MINUTES }, async () => {
  const text = await readFile(join(root, 'docs/serving.md'), 'utf8')
  const blocks = [...text.matchAll(/^```ts\n([\s\S]*?)^```/gm)].map(([, block = '']) => block)
  const programs = blocks.filter((block) => block.includes('console.log'))
  expect(programs.length).toBe(2)
  for (const [at, program] of programs.entries()) {
    await writeFile(join(folder, `program-${at}.mjs`), program)
    expect(await runIn(folder, 'node', `program-${at}.mjs`)).toMatch([/total: 150/, /^200\n$/][at] ?? /^$/)
  }
})
