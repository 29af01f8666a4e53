import { type ChildProcess, spawn } from 'node:child_process'
import { cp, readFile, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { createConnection, createServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createModel, Dataset, KINDS } from 'tastespace'
import * as edge from 'tastespace/edge'
import { afterAll, expect, test } from 'vitest'
import { answers } from './edge/answers.js'
import { install, MINUTES, pack, runIn } from './support.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

const folder = await install('edge', await pack())
const npm = ['install', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund']
await runIn(folder, 'npm', ...npm, 'workerd@1.20261117.1', 'esbuild@0.27.7', 'typescript@5.9.3')
await cp(join(root, 'examples/edge'), folder, { recursive: true })

const data = await Dataset.fromFile('examples/ratings.csv', { items: 'examples/films.csv' })
const cml = await createModel('cml', { factors: 8 })
await cml.fit(data, { epochs: 2 })
await cml.save(join(folder, 'model.safetensors'))

/** Bundles a Worker as Wrangler does, with the names of files that the examples have. */
async function bundle(worker: string): Promise<void> {
  const flags = ['--bundle', '--format=esm', '--outdir=out', '--entry-names=worker', '--asset-names=[name]']
  const loaders = ['--loader:.wasm=copy', '--loader:.safetensors=copy']
  await runIn(folder, 'npx', 'esbuild', worker, ...flags, ...loaders, '--conditions=workerd,worker,browser')
}

const children: ChildProcess[] = []
afterAll(() => {
  for (const child of children) child.kill('SIGKILL')
})

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}

/** Runs a bundled Worker; resolves with its address once it listens, and what it printed. */
async function serve(): Promise<{ url: string; log: () => string }> {
  const port = await freePort()
  const workerd = createRequire(join(folder, 'package.json')).resolve(
    `@cloudflare/workerd-${process.platform}-${process.arch === 'x64' ? '64' : process.arch}/bin/workerd`,
  )
  const child = spawn(workerd, ['serve', 'workerd.capnp', '--socket-addr', `http=127.0.0.1:${port}`], { cwd: folder })
  children.push(child)
  let log = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (log += chunk))
  const url = `http://127.0.0.1:${port}`
  for (let tries = 0; tries < 100 && child.exitCode === null; tries++) {
    // A connection without a request, so that the first request is the test's.
    const up = await new Promise<boolean>((resolve) => {
      const socket = createConnection(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false))
      socket.unref()
    })
    if (up) break
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return { url, log: () => log }
}

test('the example answers in workerd as the whole package does', { timeout: MINUTES }, async () => {
  await bundle('worker.js')
  const { url, log } = await serve()
  const post = (path: string, body: object) =>
    fetch(`${url}/recommendations${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  const started = performance.now()
  const first = await post('/recommend', { users: ['7'], k: 3 })
  expect(first.status, log()).toBe(200)
  const answer = await first.json()
  // 100 milliseconds on a quiet machine; this one may be busy.
  expect(performance.now() - started).toBeLessThan(2000)
  expect(answer).toEqual({
    model: 'cml',
    users: [{ user: '7', source: 'model', items: await cml.recommend('7', { k: 3 }) }],
  })
  const history = await post('/recommend', { history: ['12', { item: '40', rating: 5 }], k: 3, diversity: 0.5 })
  expect(history.status).toBe(200)
  for (const [path, body] of Object.entries({ '/similar': { items: ['12'] }, '/explain': { user: '7', item: '12' } })) {
    expect((await post(path, body)).status, path).toBe(200)
  }
  for (const path of ['/health', '/health/live', '/openapi.json', '/items?q=garden']) {
    expect((await fetch(`${url}/recommendations${path}`)).status, path).toBe(200)
  }
  expect((await fetch(`${url}/recommendations/metrics`)).status).toBe(404)
  const refused = await post('/recommend', { users: ['7'], size: 3 })
  expect([refused.status, (await refused.json()).error.code]).toEqual([400, 'config/unknown-key'])
  // At once: what a request waits for may be computed for another.
  const many = await Promise.all(
    Array.from({ length: 50 }, (_, user) => post('/recommend', { users: [user + 1], k: 3 })),
  )
  expect(many.every(({ status }) => status === 200)).toBe(true)
})

test('every kind answers in workerd, and from Node, to the bit', { timeout: MINUTES }, async () => {
  await bundle('every-kind.js')
  const { url, log } = await serve()
  const fromNode = await edgeInNode()
  for (const kind of KINDS) {
    const model = await createModel(kind)
    await model.fit(data, { epochs: 2 })
    const bytes = await model.toBytes()
    const expected = JSON.parse(JSON.stringify(await answers(model)))
    // A kind without an answer has no method for it in the whole package.
    const [none, refused] = [undefined, expect.objectContaining({ code: 'model/unsupported' })]
    for (const name of ['similar', 'users_like']) if (expected[name] === none) expected[name] = refused
    const response = await fetch(url, { method: 'POST', body: Uint8Array.from(bytes) })
    expect(await response.json(), `${kind} ${log()}`).toEqual(expected)
    expect(await fromNode(bytes), kind).toEqual(expected)
    model.dispose()
  }
})

/** The same answers from `tastespace/edge` in Node, which compiles the module itself. */
async function edgeInNode(): Promise<(bytes: Uint8Array) => Promise<unknown>> {
  const require = createRequire(join(folder, 'package.json'))
  const wasm = await WebAssembly.compile(await readFile(require.resolve('tastespace/edge.wasm')))
  const common = require('tastespace/edge')
  expect((await common.loadModel(await cml.toBytes(), wasm)).kind).toBe('cml')
  await expect(edge.loadModel(new Uint8Array(), {})).rejects.toMatchObject({ code: 'config/bad-argument' })
  await expect(edge.loadModel(Uint8Array.of(1, 2), wasm)).rejects.toMatchObject({ code: 'file/corrupt' })
  return async (bytes) => {
    const model = await edge.loadModel(bytes, wasm)
    return JSON.parse(JSON.stringify(await answers(model)))
  }
}

test('the types are found', { timeout: MINUTES }, async () => {
  await writeFile(
    join(folder, 'types.ts'),
    `import wasm from 'tastespace/edge.wasm'
import { type EdgeModel, loadModel } from 'tastespace/edge'
import { createHandler, type Handler } from 'tastespace/serve'
const model: EdgeModel = await loadModel(new ArrayBuffer(0), wasm)
export const handler: Handler = createHandler(model)
export const [best] = await model.recommendFor([{ item: 1 }])
`,
  )
  for (const resolution of [
    ['bundler', 'esnext'],
    ['nodenext', 'nodenext'],
  ]) {
    const [way = '', module = ''] = resolution
    const flags = [
      '--noEmit',
      '--strict',
      '--target',
      'es2022',
      '--lib',
      'es2022,dom,esnext.disposable',
      '--skipLibCheck',
    ]
    await runIn(folder, 'npx', 'tsc', ...flags, '--module', module, '--moduleResolution', way, 'types.ts')
  }
})
