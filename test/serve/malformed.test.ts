import { connect } from 'node:net'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { serve, temporaryFolder } from './service.ts'
import { trained } from './support.ts'

const path = join(temporaryFolder(), 'model.safetensors')
await (await trained()).save(path)

/** Numbers of a seed, 0 to 1. */
function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

/** Values of types that no key takes. */
const VALUES = [
  1e9,
  -1,
  1.5,
  '"x"',
  'null',
  'true',
  '[[[]]]',
  '{"a":{}}',
  '1e999',
  '[null]',
  '"\\ud800"',
  '[{"item":[]}]',
]
const KEYS = [
  'users',
  'history',
  'k',
  'seen',
  'exclude',
  'candidates',
  'unknown',
  'filter',
  'boost',
  'diversity',
  '__proto__',
]
const ROUTES = ['/recommend', '/similar', '/explain', '/items']

/** The bytes of a request that is wrong in one of many ways. */
function malformed(next: () => number): Buffer {
  const pick = <T>(of: readonly T[]): T => of[Math.floor(next() * of.length)] as T
  const garbage = () =>
    Buffer.from(Array.from({ length: 1 + Math.floor(next() * 200) }, () => Math.floor(next() * 256)))
  const valid = '{"users":["1"],"k":3}'
  const bodies: (() => Buffer | string)[] = [
    // A part of JSON, JSON with a byte changed to one that is invalid in UTF-8, and no JSON at all.
    () => valid.slice(0, Math.floor(next() * valid.length)),
    () => {
      const bytes = Buffer.from(valid)
      bytes[Math.floor(next() * bytes.length)] = 0x80 + Math.floor(next() * 0x40)
      return bytes
    },
    garbage,
    () => pick(['[', '{"a":', '[{"users":']).repeat(10 ** (1 + Math.floor(next() * 4))),
    // Wrong values, unknown keys, and another type of body.
    () => `{"users":["1"],"${pick(KEYS.slice(1))}":${pick(VALUES)},"nokey":1}`,
    () => `{"${pick(KEYS)}":${pick(VALUES)},"history":7}`,
    () => `{"users":["1"],"k":${pick([1e9, -1, 0, 1.5, '"3"', '1e400', 'null'])}}`,
    () => `{"users":["1"],"${pick(['limit', 'K', 'user', 'constructor', 'toString'])}":1}`,
    () => pick(['null', '3', '"users"', '[]', '[{"users":["1"]}]']),
    () => `{"users":[${'"1",'.repeat(100)}"1"]}`,
    () => `{"users":["${'x'.repeat(2000)}"]}`,
    () => `{"users":["1"],"exclude":["nothing that is known"]}`,
    // Beyond the limit of 1 MiB.
    () => ' '.repeat(1_100_000 + Math.floor(next() * 1_000_000)),
  ]
  const post = (body: Buffer | string, path = pick(ROUTES.slice(0, 1)), type = 'application/json') =>
    Buffer.concat([
      Buffer.from(
        `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: ${type}\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n`,
      ),
      Buffer.from(body),
    ])
  const head = (line: string, ...headers: string[]) =>
    Buffer.from(`${[line, 'Host: x', 'Connection: close', ...headers].join('\r\n')}\r\n\r\n`)
  const others: (() => Buffer)[] = [
    () => Buffer.concat([garbage(), Buffer.from('\r\n\r\n')]),
    () => head('GET / HTTP/9.9'),
    () => head('GET /recommend HTTP/1.1'),
    () => head('DELETE /items HTTP/1.1'),
    () => head('TRACE /health HTTP/1.1'),
    () => head(`GET /${'x'.repeat(1 + Math.floor(next() * 5000))} HTTP/1.1`),
    () => head('GET /%%%%/../..//etc/passwd HTTP/1.1'),
    () => head('GET http://[/ HTTP/1.1'),
    () => head('GET /items?k=1e9 HTTP/1.1'),
    () => head('GET /items?nokey=1 HTTP/1.1'),
    () => head('GET /health HTTP/1.1', `X-Long: ${'x'.repeat(40_000)}`),
    () => head('GET /health HTTP/1.1', 'Bad Header: 1'),
    () => head('POST /recommend HTTP/1.1', 'Content-Length: 5', 'Transfer-Encoding: chunked'),
    () => head('POST /recommend HTTP/1.1', 'Content-Length: -1'),
    () => Buffer.concat([head('POST /recommend HTTP/1.1', 'Transfer-Encoding: chunked'), Buffer.from('zz\r\n')]),
    () => post(valid, '/recommend', pick(['text/plain', 'multipart/form-data', '', 'application/jsonx'])),
    () => post(valid, pick(['/recommend/x', '/Recommend', '/', '/recommendx'])),
    () => post(valid, pick(['/similar', '/explain', '/items'])),
  ]
  return next() < 0.7 ? post(pick(bodies)()) : pick(others)()
}

/** The status of the answer to raw bytes; 0 if the connection is closed without one. */
function statusOf(port: number, bytes: Buffer): Promise<number> {
  return new Promise((resolve) => {
    let answer = ''
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes))
    socket.setEncoding('latin1').on('data', (text) => {
      answer += text
    })
    // The server may close the connection while a large body is still being sent.
    socket.on('error', () => {})
    socket.on('close', () => resolve(Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1] ?? 0)))
  })
}

test('1,000 malformed requests have statuses 4xx, and the service goes on', { timeout: 60_000 }, async () => {
  const service = await serve(path, '--limit', 'milliseconds=3000')
  const { port, url } = service
  const body = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"users":["1"],"k":3}' }
  const before = await (await fetch(`${url}/recommend`, body)).json()
  // Clients that send a part of their headers, or of their bodies, and wait.
  const slow = [
    ...Array.from({ length: 5 }, () => statusOf(port, Buffer.from('POST /recommend HTTP/1.1\r\nHost:'))),
    ...Array.from({ length: 20 }, () =>
      statusOf(
        port,
        Buffer.from(
          'POST /recommend HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{"users"',
        ),
      ),
    ),
  ]
  const next = random(1)
  const requests = Array.from({ length: 1000 }, () => malformed(next))
  const statuses = new Map<number, number>()
  const wrong: string[] = []
  for (let from = 0; from < requests.length; from += 25) {
    const part = requests.slice(from, from + 25)
    const answers = await Promise.all(part.map((bytes) => statusOf(port, bytes)))
    answers.forEach((status, at) => {
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
      // A client that is still sending may lose the answer to a body that is too large.
      const large = (part[at]?.length ?? 0) > 1_000_000
      if (!(status >= 400 && status < 500) && !(status === 0 && large)) {
        wrong.push(`${status}: ${part[at]?.toString('latin1').slice(0, 300)}`)
      }
    })
    // Sound requests are answered in between.
    if (from % 250 === 0) expect(await (await fetch(`${url}/recommend`, body)).json()).toEqual(before)
  }
  expect(wrong).toEqual([])
  expect([...statuses.keys()]).toEqual(expect.arrayContaining([400, 404, 405, 413, 415, 431]))
  expect(new Set(await Promise.all(slow))).toEqual(new Set([408]))
  expect(await (await fetch(`${url}/recommend`, body)).json()).toEqual(before)
  expect((await fetch(`${url}/health`)).status).toBe(200)
  expect(service.log()).toBe('')
})
