import { createEngine, loadModel } from 'tastespace'
import { createHandler } from 'tastespace/serve'
import { expect, test } from 'vitest'
import { get, post, request, trained } from './support.ts'

const model = await trained()

test('a body beyond the limit is not read to its end', async () => {
  const handler = createHandler(model, { limits: { bodyBytes: 1024 } })
  const declared = await handler(request('/recommend', ' '.repeat(1025)))
  expect([declared.status, declared.headers.get('connection')]).toEqual([413, 'close'])
  let sent = 0
  const endless = new ReadableStream({
    pull: (controller) => {
      sent += 100
      controller.enqueue(new Uint8Array(100).fill(0x20))
    },
  })
  const headers = { 'content-type': 'application/json' }
  const streamed = { method: 'POST', body: endless, headers, duplex: 'half' }
  const answer = await handler(new Request('http://localhost/recommend', streamed))
  expect(await answer.json()).toMatchObject({ error: { code: 'serve/body-too-large', details: { limit: 1024 } } })
  expect(sent).toBeLessThan(2000)
})

test('a body that does not arrive, and an engine that is busy, end after the time of a request', async () => {
  const handler = createHandler(model, { limits: { milliseconds: 100 } })
  const headers = { 'content-type': 'application/json' }
  const stalled = { method: 'POST', body: new ReadableStream(), headers, duplex: 'half' }
  const answer = await handler(new Request('http://localhost/recommend', stalled))
  expect([answer.status, (await answer.json()).error.code]).toEqual([408, 'serve/slow-body'])

  const never = Object.assign(Object.create(model), { recommendArrays: () => new Promise(() => {}) })
  for (const name of ['info', 'itemIds', 'itemTitles', 'genres', 'features', 'itemRows'] as const) {
    never[name] = model[name].bind(model)
  }
  Object.defineProperty(never, 'engine', { value: model.engine })
  const slow = createHandler(never, { limits: { milliseconds: 100 } })
  const { status, body } = await post(slow, '/recommend', { users: [1] })
  expect([status, body.error.code]).toEqual([504, 'serve/timeout'])
})

test('a full queue answers with 503, and those in the queue are answered', async () => {
  const handler = createHandler(model, { limits: { queue: 10 } })
  // Each of its own options, so that none are answered together.
  const bodies = Array.from({ length: 60 }, (_, at) => ({ users: [1], k: at + 1 }))
  const answers = await Promise.all(bodies.map((body) => post(handler, '/recommend', body)))
  const of = (status: number) => answers.filter((answer) => answer.status === status)
  expect(of(200).length).toBeGreaterThanOrEqual(10)
  expect(of(200).length + of(503).length).toBe(60)
  const [refused] = of(503)
  expect([refused?.body.error.code, refused?.headers.get('retry-after')]).toEqual(['serve/overloaded', '1'])
  expect((await post(handler, '/recommend', { users: [1] })).status).toBe(200)
})

test('a request whose client is gone is not computed', async () => {
  let calls = 0
  const counted = new Proxy(model, {
    get: (of, name) => {
      const value = Reflect.get(of, name)
      if (name === 'recommendArrays') calls++
      return typeof value === 'function' ? value.bind(of) : value
    },
  })
  const handler = createHandler(counted)
  await post(handler, '/recommend', { users: [1] })
  const before = calls
  const controller = new AbortController()
  const headers = { 'content-type': 'application/json' }
  const body = JSON.stringify({ users: [1], k: 3 })
  const asked = new Request('http://localhost/recommend', { method: 'POST', body, headers, signal: controller.signal })
  controller.abort()
  await handler(asked)
  expect(calls).toBe(before)
})

test('an unexpected error has status 500 and no stack, and is logged', async () => {
  const logged: unknown[] = []
  const broken = new Proxy(model, {
    get: (of, name) => {
      if (name === 'recommendArrays') return () => Promise.reject(new Error('secret at /home'))
      const value = Reflect.get(of, name)
      return typeof value === 'function' ? value.bind(of) : value
    },
  })
  const handler = createHandler(broken, { onError: (error) => logged.push(error) })
  const response = await handler(request('/recommend', { users: [1] }))
  const text = await response.text()
  expect([response.status, JSON.parse(text).error.code]).toEqual([500, 'serve/internal'])
  expect(text).not.toMatch(/secret|\.ts|\.mjs| at /)
  expect(logged).toEqual([expect.objectContaining({ message: 'secret at /home' })])
})

test('an engine that is gone is neither ready nor live, until another model takes over', async () => {
  const engine = await createEngine({ threads: 1 })
  const handler = createHandler(await loadModel(await model.toBytes(), { engine }))
  expect((await get(handler, '/health')).status).toBe(200)
  engine.dispose()
  for (const path of ['/health', '/health/live']) expect((await get(handler, path)).status).toBe(503)
  expect((await post(handler, '/recommend', { users: [1] })).status).toBe(503)
  await handler.replace(model)
  for (const path of ['/health', '/health/live']) expect((await get(handler, path)).status).toBe(200)
  expect((await post(handler, '/recommend', { users: [1] })).status).toBe(200)
})
