import { copyFileSync, renameSync, truncateSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { join } from 'node:path'
import { EASE } from 'tastespace'
import { afterAll, expect, test } from 'vitest'
import { run } from '../cli/support.ts'
import { serve, serveMortal, temporaryFolder, until } from './service.ts'
import { type Body, data, trained } from './support.ts'

const folder = temporaryFolder()
const [cmlFile, easeFile, current] = ['cml.st', 'ease.st', 'current.st'].map((name) => join(folder, name)) as [
  string,
  string,
  string,
]
const model = await trained()
await model.save(cmlFile)
const ease = await EASE.create()
await ease.fit(data)
await ease.save(easeFile)
copyFileSync(cmlFile, current)

const headers = { 'content-type': 'application/json' }

async function recommend(url: string, body: object): Promise<Body> {
  const response = await fetch(`${url}/recommend`, { method: 'POST', headers, body: JSON.stringify(body) })
  expect(response.status).toBe(200)
  return response.json()
}

/** A client that sends a part of a request, and then nothing. */
function stalled(port: number): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(
        'POST /recommend HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{',
        () => resolve(),
      )
    })
    socket.on('error', () => {})
    afterAll(() => {
      socket.destroy()
    })
  })
}

/** Requests for lists that the service has received. */
async function received(url: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`, { headers: { connection: 'close' } })).text()
  const value = (line: RegExp) => Number(line.exec(text)?.[1] ?? 0)
  const answered = value(/^tastespace_requests_total\{route="\/recommend",status="200"\} (\d+)$/m)
  // The request for the metrics is in flight, too.
  return answered + value(/^tastespace_requests_in_flight (\d+)$/m) - 1
}

const refuses = (url: string) =>
  fetch(`${url}/health`).then(
    () => false,
    () => true,
  )

test('the answers are those of the model', async () => {
  const { url, process, ended } = await serve(current, '--base-path', '/api', '--limit', 'users=2', '--cors', '*')
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/api$/)
  const { users } = await recommend(url, { users: ['7', '12'], k: 4 })
  expect(users.map(({ items }: Body) => items)).toEqual(await model.recommend(['7', '12'], { k: 4 }))
  const refused = await fetch(`${url}/recommend`, { method: 'POST', headers, body: '{"users":[1,2,3]}' })
  expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([400, '*'])
  process.kill('SIGINT')
  expect(await ended).toBe(0)
})

test('the file is replaced under load, and no request fails', async () => {
  const service = await serve(current)
  const kinds = new Map<string, number>()
  let stop = false
  const client = async () => {
    for (let user = 1; !stop; user = (user % 300) + 1) {
      const { model } = await recommend(service.url, { users: [user], k: 5 })
      kinds.set(model, (kinds.get(model) ?? 0) + 1)
    }
  }
  const clients = Promise.all(Array.from({ length: 8 }, client))
  const loaded = () => service.log().match(/current\.st was loaded again/g)?.length ?? 0
  const replaceBy = async (file: string) => {
    const before = loaded()
    copyFileSync(file, `${current}.new`)
    renameSync(`${current}.new`, current)
    await until(() => loaded() > before)
  }
  await replaceBy(easeFile)
  await replaceBy(cmlFile)
  // Written in place, not renamed.
  copyFileSync(easeFile, current)
  await until(() => loaded() === 3)
  expect((await recommend(service.url, { users: [7] })).model).toBe('ease')
  // A bad file is refused, once, and the model stays.
  truncateSync(current, 1000)
  await until(() => /current\.st was not loaded again, the earlier model goes on: .*\n/.test(service.log()))
  service.process.kill('SIGHUP')
  await until(() => service.log().match(/was not loaded again/g)?.length === 2)
  expect((await recommend(service.url, { users: [7] })).model).toBe('ease')
  stop = true
  await clients
  expect([...kinds.keys()].sort()).toEqual(['cml', 'ease'])
  copyFileSync(cmlFile, current)
  await until(() => loaded() === 4)
  service.process.kill('SIGTERM')
  expect(await service.ended).toBe(0)
})

test('an engine that breaks is replaced', async () => {
  const { url, process, log, ended } = await serveMortal(cmlFile)
  await recommend(url, { users: ['7'] })
  process.kill('SIGUSR2')
  await until(() => log().includes('was loaded again: cml'))
  const { users } = await recommend(url, { users: ['7'] })
  expect(users[0].items).toEqual(await model.recommend('7'))
  process.kill('SIGTERM')
  expect(await ended).toBe(0)
})

test('a signal lets the requests that are there be answered, and refuses others', async () => {
  const { url, process, ended, log } = await serve(cmlFile)
  const users = Array.from({ length: 100 }, (_, at) => at + 1)
  const asked = Array.from({ length: 5 }, (_, at) => recommend(url, { users, k: 100 + at, diversity: 0.5 }))
  while ((await received(url)) < asked.length) await new Promise((resolve) => setTimeout(resolve, 5))
  process.kill('SIGTERM')
  await until(() => log().includes('Stopping'))
  expect(await refuses(url)).toBe(true)
  for (const { users } of await Promise.all(asked)) expect(users).toHaveLength(100)
  expect(await ended).toBe(0)
})

test('a client that does not finish is waited for until the limit, or until a second signal', async () => {
  const limited = await serve(cmlFile, '--grace', '1')
  await stalled(limited.port)
  limited.process.kill('SIGTERM')
  expect(await limited.ended).toBe(0)
  expect(limited.log()).toMatch(/requests took longer than 1 second: their connections were closed/)

  const { port, process, log, ended } = await serve(cmlFile, '--grace', '60')
  await stalled(port)
  process.kill('SIGTERM')
  await until(() => log().includes('Stopping'))
  process.kill('SIGTERM')
  expect(await ended).toBe(143)
})

test('what it prints, and what it refuses', async () => {
  const bad = async (...words: string[]) => {
    const { code, stdout, stderr } = await run(folder, 'serve', ...words)
    expect(stdout).toBe('')
    return `${code} ${stderr}`
  }
  const server = createServer().listen(0, '127.0.0.1')
  afterAll(() => {
    server.close()
  })
  await until(() => server.listening)
  const { port } = server.address() as AddressInfo
  expect(await bad('cml.st', '--port', String(port))).toMatch(
    /^1 .*in use by another program: give another with --port/,
  )
  expect(await bad('cml.st', '--port', '0', '--host', '192.0.2.1')).toMatch(
    /^1 .*192\.0\.2\.1 is no address of this machine/,
  )
  expect(await bad('cml.st', '--port', '65536')).toMatch(/^2 .*from 0 to 65535/)
  expect(await bad('cml.st', '--limit', 'rows=3')).toMatch(
    /^2 .*"rows" is not an option of limits: accepted are bodyBytes/,
  )
  expect(await bad('cml.st', '--limit', 'k=many')).toMatch(/^2 .*limits\.k is "many"/)
  expect(await bad('cml.st', '--unknown-users', 'none')).toMatch(/^2 .*popular, error/)
  expect(await bad('missing.st')).toMatch(/^1 .*missing\.st cannot be read/)
  writeFileSync(join(folder, 'bad.st'), 'no model')
  expect(await bad('bad.st', '--json')).toMatch(/^1 \{"error":\{"code":"file\/corrupt"/)
  expect(await bad()).toMatch(/^2 /)

  const elsewhere = await serve(cmlFile, '--host', '0.0.0.0')
  expect(elsewhere.log()).toMatch(/0\.0\.0\.0 is not this machine alone: .* a proxy that authenticates/)
  elsewhere.process.kill('SIGTERM')
  expect(await elsewhere.ended).toBe(0)
})
