import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Dataset, type FetchOptions, type FetchProgress, fetchData, type Publication, publications } from 'tastespace'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { zipOf } from './zip.ts'

type Answer = (request: IncomingMessage, response: ServerResponse) => void

let server: Server
let base = ''
let folder = ''
let answer: Answer = () => {}
/** The ranges that were asked for, of requests of the file. */
let ranges: (string | undefined)[] = []
/** What the checksum file says. */
let checksum: string | undefined

const RATINGS = `user,item,rating\n${Array.from({ length: 20_000 }, (_, row) => `${row % 100},${row % 77},${(row % 5) + 1}\n`).join('')}`
const FILES = {
  'set/': '',
  'set/ratings.csv': RATINGS,
  'set/docs/README.txt': 'Read me',
  'set/movies.csv': 'item,title\n1,One\n',
}
const ZIP = Buffer.from(zipOf(FILES))
const md5 = (bytes: Uint8Array) => createHash('md5').update(bytes).digest('hex')

beforeAll(async () => {
  server = createServer((request, response) => {
    if (request.url?.endsWith('.md5')) {
      response.statusCode = checksum === undefined ? 404 : 200
      response.end(checksum === undefined ? '' : `MD5 (set.zip) = ${checksum}\n`)
      return
    }
    ranges.push(request.headers.range)
    answer(request, response)
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const address = server.address()
  base = typeof address === 'object' && address ? `http://127.0.0.1:${address.port}` : ''
})
afterAll(() => server.close())

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tastespace-fetch-'))
  answer = whole(ZIP)
  ranges = []
  checksum = md5(ZIP)
})
afterEach(() => rmSync(folder, { recursive: true }))

function options(more: Partial<Publication> = {}, rest: FetchOptions = {}): FetchOptions {
  const set: Publication = {
    title: 'Set',
    summary: 'a set',
    page: 'http://localhost/page',
    licence: 'free',
    citation: 'Somebody',
    url: `${base}/set.zip`,
    md5: `${base}/set.zip.md5`,
    ratings: 'ratings.csv',
    items: 'movies.csv',
    ...more,
  }
  return { dir: join(folder, 'data'), cache: join(folder, 'cache'), publications: { set }, ...rest }
}

/** Answers with the whole file, or with the range that is asked for. */
function whole(bytes: Uint8Array, { etag = '"1"', ranges = true, drop = Number.POSITIVE_INFINITY } = {}): Answer {
  return (request, response) => {
    const [, from] = /^bytes=(\d+)-$/.exec(request.headers.range ?? '') ?? []
    const matches = request.headers['if-range'] === etag
    const start = from !== undefined && ranges && matches ? Number(from) : 0
    const status = start > 0 ? 206 : 200
    response.writeHead(status, {
      'content-length': bytes.length - start,
      ...(etag !== '' && { etag }),
      ...(status === 206 && { 'content-range': `bytes ${start}-${bytes.length - 1}/${bytes.length}` }),
    })
    if (drop < bytes.length - start) {
      response.write(bytes.subarray(start, start + drop), () => setTimeout(() => response.destroy(), 20))
    } else {
      response.end(bytes.subarray(start))
    }
  }
}

/** Answers one after the other; the last again and again. */
function inTurn(...answers: Answer[]): Answer {
  let at = 0
  return (request, response) => answers[Math.min(at++, answers.length - 1)]?.(request, response)
}

const cached = () => (existsSync(join(folder, 'cache/set')) ? readdirSync(join(folder, 'cache/set')).sort() : [])

test('a data set is downloaded, verified and unpacked, with progress', async () => {
  const steps: FetchProgress[] = []
  const fetched = await fetchData('set', options({}, { onProgress: (progress) => steps.push(progress) }))
  expect(fetched).toMatchObject({ name: 'set', verified: true, from: 'publisher', folder: join(folder, 'data/set') })
  expect(readdirSync(fetched.folder).sort()).toEqual(['docs', 'movies.csv', 'ratings.csv'])
  expect(readFileSync(fetched.ratings, 'utf8')).toBe(RATINGS)
  expect(readFileSync(join(fetched.folder, 'docs/README.txt'), 'utf8')).toBe('Read me')
  expect(steps.filter(({ step }) => step === 'download').at(-1)).toMatchObject({ bytes: ZIP.length, total: ZIP.length })
  expect(steps.at(-1)).toMatchObject({ step: 'unpack', bytes: steps.at(-1)?.total })
  expect(cached()).toEqual(['set.zip', 'set.zip.md5'])
  expect(readdirSync(join(folder, 'data'))).toEqual(['set'])
  const data = await Dataset.fromFile(fetched.ratings, { items: fetched.items ?? undefined })
  expect((await data.info()).users).toBe(100)
})

test('what is there is not downloaded again', async () => {
  await fetchData('set', options())
  expect(await fetchData('set', options())).toMatchObject({ from: 'folder' })
  rmSync(join(folder, 'data'), { recursive: true })
  expect(await fetchData('set', options())).toMatchObject({ from: 'cache', verified: true })
  expect(ranges).toHaveLength(1)
})

test('a connection that is lost midway is continued, many times', async () => {
  answer = whole(ZIP, { drop: 40_000 })
  expect(await fetchData('set', options())).toMatchObject({ verified: true })
  expect(ranges.length).toBeGreaterThan(3)
  expect(ranges[1]).toMatch(/^bytes=\d+-$/)
})

test('an interrupted download continues in a later call', async () => {
  const controller = new AbortController()
  answer = inTurn(whole(ZIP, { drop: 70_000 }))
  const reason = new Error('enough')
  const onProgress = ({ bytes }: FetchProgress) => {
    if (bytes > 50_000) controller.abort(reason)
  }
  await expect(fetchData('set', options({}, { signal: controller.signal, onProgress }))).rejects.toBe(reason)
  expect(cached()).toEqual(['set.zip.part', 'set.zip.part.json'])
  expect(existsSync(join(folder, 'data'))).toBe(false)
  answer = whole(ZIP)
  const steps: FetchProgress[] = []
  await fetchData('set', options({}, { onProgress: (progress) => steps.push(progress) }))
  expect(ranges.at(-1)).toMatch(/^bytes=\d+-$/)
  expect(steps[0]?.resumed).toBeGreaterThan(0)
})

test('a server without ranges is asked from the start', async () => {
  answer = inTurn(whole(ZIP, { drop: 60_000 }), whole(ZIP, { ranges: false }))
  expect(await fetchData('set', options())).toMatchObject({ verified: true })
})

test('a server without validators is asked from the start', async () => {
  answer = inTurn(whole(ZIP, { drop: 60_000, etag: '' }), whole(ZIP, { etag: '' }))
  expect(await fetchData('set', options())).toMatchObject({ verified: true })
  expect(ranges).toEqual([undefined, undefined])
})

test('a file that changed in between is downloaded anew', async () => {
  const other = Buffer.from(zipOf({ ...FILES, 'set/ratings.csv': 'user,item\n1,2\n'.repeat(20_000) }))
  checksum = md5(other)
  answer = inTurn(whole(ZIP, { drop: 60_000 }), whole(other, { etag: '"2"' }))
  const { ratings } = await fetchData('set', options())
  expect(readFileSync(ratings, 'utf8')).toContain('user,item\n1,2')
})

test('a server that continues another file is noticed', async () => {
  const other = Buffer.from(zipOf({ ...FILES, 'set/ratings.csv': 'user,item\n1,2\n'.repeat(20_000) }))
  checksum = md5(other)
  // It ignores If-Range.
  const careless: Answer = (request, response) => {
    if (request.headers.range) request.headers['if-range'] = '"2"'
    whole(other, { etag: '"2"' })(request, response)
  }
  answer = inTurn(whole(ZIP, { drop: 60_000 }), careless)
  expect(await fetchData('set', options())).toMatchObject({ verified: true })
})

test('a wrong checksum leaves nothing behind', async () => {
  checksum = '0'.repeat(32)
  await expect(fetchData('set', options())).rejects.toMatchObject({
    code: 'fetch/wrong-checksum',
    details: { expected: checksum, found: md5(ZIP) },
  })
  expect(cached()).toEqual([])
  expect(existsSync(join(folder, 'data'))).toBe(false)
})

test('a part of other bytes is replaced once its checksum is wrong', async () => {
  mkdirSync(join(folder, 'cache/set'), { recursive: true })
  writeFileSync(join(folder, 'cache/set/set.zip.part'), Buffer.alloc(1000, 1))
  writeFileSync(
    join(folder, 'cache/set/set.zip.part.json'),
    JSON.stringify({ url: `${base}/set.zip`, validator: '"1"', total: ZIP.length }),
  )
  expect(await fetchData('set', options())).toMatchObject({ verified: true })
  expect(ranges).toEqual(['bytes=1000-', undefined])
})

test('a publisher without a checksum file is not an error, and nothing is said to be verified', async () => {
  checksum = undefined
  expect(await fetchData('set', options())).toMatchObject({ verified: null, from: 'publisher' })
})

test('404 and other refusals are reported with the page of the publisher', async () => {
  answer = (_, response) => response.writeHead(404).end('gone')
  await expect(fetchData('set', options())).rejects.toMatchObject({
    code: 'fetch/failed',
    message: expect.stringContaining('http://localhost/page'),
    details: { status: 404 },
  })
  expect(cached()).toEqual([])
})

test('a server that fails for a moment is asked again', async () => {
  answer = inTurn((_, response) => response.writeHead(503).end(), whole(ZIP))
  expect(await fetchData('set', options())).toMatchObject({ verified: true })
})

test('redirects are followed', async () => {
  const target = whole(ZIP)
  answer = (request, response) => {
    if (request.url === '/there/set.zip') target(request, response)
    else response.writeHead(302, { location: '/there/set.zip' }).end()
  }
  expect(await fetchData('set', options())).toMatchObject({ verified: true })
})

test('a slow server is waited for, a silent one is not', async () => {
  const slow: Answer = (_, response) => {
    response.writeHead(200, { 'content-length': ZIP.length, etag: '"1"' })
    let at = 0
    const next = () => {
      const end = at + Math.ceil(ZIP.length / 8)
      response.write(ZIP.subarray(at, end))
      at = end
      if (at < ZIP.length) setTimeout(next, 150)
      else response.end()
    }
    next()
  }
  answer = slow
  expect(await fetchData('set', options({}, { timeout: 1 }))).toMatchObject({ verified: true })
  rmSync(join(folder, 'cache'), { recursive: true })
  rmSync(join(folder, 'data'), { recursive: true })
  answer = (_, response) => response.writeHead(200, { 'content-length': ZIP.length }).write('PK')
  await expect(fetchData('set', options({}, { timeout: 0.1 }))).rejects.toMatchObject({
    code: 'fetch/interrupted',
    message: expect.stringContaining('nothing came for 0.1 seconds'),
  })
})

test('archives that are damaged or lead out of the folder are refused, and leave nothing', async () => {
  const cases: [Uint8Array, string][] = [
    [Buffer.from('no archive at all'), 'fetch/bad-archive'],
    [ZIP.subarray(0, ZIP.length - 100), 'fetch/bad-archive'],
    [zipOf({ 'ratings.csv': RATINGS, '../outside.txt': 'x' }), 'fetch/bad-archive'],
    [zipOf({ 'ratings.csv': RATINGS, '/tmp/outside.txt': 'x' }), 'fetch/bad-archive'],
    [zipOf({ 'ratings.csv': RATINGS, 'a/../../outside.txt': 'x' }), 'fetch/bad-archive'],
    [zipOf({ 'other.csv': RATINGS }), 'fetch/bad-archive'],
  ]
  for (const [bytes, code] of cases) {
    checksum = undefined
    answer = whole(bytes)
    await expect(fetchData('set', options())).rejects.toMatchObject({ code })
    expect(existsSync(join(folder, 'data/outside.txt')) || existsSync(join(folder, 'outside.txt'))).toBe(false)
    expect(readdirSync(join(folder, 'data'))).toEqual([])
    rmSync(join(folder, 'cache'), { recursive: true })
  }
})

test('a folder that is in use is not touched', async () => {
  mkdirSync(join(folder, 'data/set'), { recursive: true })
  writeFileSync(join(folder, 'data/set/mine.txt'), 'mine')
  await expect(fetchData('set', options())).rejects.toMatchObject({ code: 'fetch/folder-in-use' })
  expect(readdirSync(join(folder, 'data/set'))).toEqual(['mine.txt'])
  expect(ranges).toEqual([])
})

test('two downloads of one file do not mix', async () => {
  const settled = await Promise.allSettled([fetchData('set', options()), fetchData('set', options())])
  const codes = settled.map((result) => (result.status === 'rejected' ? result.reason.code : 'done')).sort()
  expect(codes).toEqual(['done', 'fetch/busy'])
  // The lock of a process that is gone does not count.
  rmSync(join(folder, 'data'), { recursive: true })
  rmSync(join(folder, 'cache/set/set.zip'))
  writeFileSync(join(folder, 'cache/set/set.zip.lock'), '999999999')
  expect(await fetchData('set', options())).toMatchObject({ verified: true })
})

test('a file that is no archive is taken as it is, by category', async () => {
  const more = { url: `${base}/{category}.csv.gz`, ratings: '{category}.csv.gz', categories: ['Toys', 'Books'] }
  const { items: _, md5: __, ...set } = options(more).publications?.set ?? {}
  answer = whole(Buffer.from(RATINGS))
  const given = { ...options(), publications: { set: set as Publication } }
  const fetched = await fetchData('set/Toys', given)
  expect(fetched).toMatchObject({ ratings: join(folder, 'data/set/Toys.csv.gz'), items: null, verified: null })
  expect(await fetchData('set/Books', given)).toMatchObject({ from: 'publisher' })
  for (const name of ['set', 'set/Cars', 'set/Toys/more']) {
    await expect(fetchData(name, given)).rejects.toMatchObject({ code: 'config/unknown-name' })
  }
})

test('wrong arguments are refused', async () => {
  await expect(fetchData('constructor')).rejects.toMatchObject({
    code: 'config/unknown-name',
    details: { accepted: Object.keys(publications) },
  })
  await expect(fetchData('set', options({}, { dir: '' }))).rejects.toMatchObject({ code: 'config/bad-argument' })
  await expect(fetchData('set', options({}, { timeout: 0 }))).rejects.toMatchObject({ code: 'config/bad-argument' })
  // @ts-expect-error No such option.
  await expect(fetchData('set', { folder: 'x' })).rejects.toMatchObject({ code: 'config/unknown-key' })
  // @ts-expect-error No name.
  await expect(fetchData(7)).rejects.toMatchObject({ code: 'config/bad-argument' })
  writeFileSync(join(folder, 'data'), 'a file')
  await expect(fetchData('set', options())).rejects.toMatchObject({ code: expect.stringMatching(/^file\//) })
})

test('every publication is complete, encrypted where its publisher is, and shown with its licence', () => {
  for (const [name, { url, md5, licence, citation, page, categories }] of Object.entries(publications)) {
    expect(name).toMatch(/^[a-z0-9-]+$/)
    expect([licence, citation, page].every((text) => text.length > 10)).toBe(true)
    expect(url.startsWith('https://') || name === 'book-crossing', url).toBe(true)
    expect(md5 === undefined || md5 === `${url}.md5`).toBe(true)
    expect(url.includes('{category}')).toBe(categories !== undefined)
  }
})
