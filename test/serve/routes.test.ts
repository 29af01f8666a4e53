import { Validator } from '@seriousme/openapi-schema-validator'
import { CML, EASE, Popularity } from 'tastespace'
import { createHandler } from 'tastespace/serve'
import { expect, test } from 'vitest'
import { answered, data, get, openapi, post, request, trained } from './support.ts'

const model = await trained()
const handler = createHandler(model)

test('recommend has the lists of the model, for users and for a history', async () => {
  const users = await post(handler, '/recommend', { users: ['7', 12], k: 5, seen: 'include', exclude: [3] })
  const lists = await model.recommend(['7', '12'], { k: 5, seen: 'include', exclude: [3] })
  expect(users.status).toBe(200)
  expect(users.body).toEqual({
    model: 'cml',
    users: ['7', '12'].map((user, place) => ({ user, source: 'model', items: lists[place] })),
  })
  const history = await post(handler, '/recommend', { history: ['12', { item: 40, rating: 5 }], candidates: [1, 2, 3] })
  const list = await model.recommendFor([{ item: 12 }, { item: 40, rating: 5 }], { candidates: [1, 2, 3] })
  expect(history.body).toEqual({ model: 'cml', source: 'model', items: list })
})

test('similar, explain and items', async () => {
  const similar = await post(handler, '/similar', { items: [12, 'none'], k: 3, unknown: 'skip' })
  const title = await model.title(12)
  expect(similar.body.items).toEqual([{ item: '12', title, similar: await model.similarItems(12, { k: 3 }) }])
  const explained = await post(handler, '/explain', { user: 7, item: 12 })
  expect(explained.body).toEqual({ model: 'cml', user: '7', item: '12', title, ...(await model.explain(7, 12)) })

  const [{ item = '', genres = [] } = {}] = (await model.genres()).map((genres, at) => ({
    item: String(at + 1),
    genres,
  }))
  const described = await post(handler, '/items', { ids: [item] })
  expect(described.body).toMatchObject({ total: 150, items: [{ item, values: { genres } }] })
  const found = await get(handler, `/items?q=${encodeURIComponent(title ?? '')}&k=2`)
  expect(found.body.items[0]).toMatchObject({ item: '12', title, exact: true })
  expect((await post(handler, '/items', { query: title })).body.items[0]).toMatchObject({ item: '12' })
  const both = await post(handler, '/items', { query: title, ids: [item] })
  expect([both.status, both.body.error.code]).toEqual([400, 'config/conflict'])
  const last = await get(handler, '/items?offset=148')
  expect(last.body.items.map(({ item }: { item: string }) => item)).toEqual((await model.itemIds()).slice(148))
})

test('health, metrics, and a model of another kind', async () => {
  for (const path of ['/health', '/health/ready']) {
    expect((await get(handler, path)).body).toMatchObject({ status: 'ready', model: { kind: 'cml', users: 300 } })
  }
  expect((await get(handler, '/health/live')).body).toEqual({ status: 'live' })
  const { body, headers } = await get(handler, '/metrics')
  expect(headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/)
  expect(body).toMatch(/^tastespace_requests_total\{route="\/recommend",status="200"\} [1-9]/m)
  for (const name of ['request_seconds_bucket', 'batch_requests_sum', 'requests_in_flight 1', 'requests_waiting 0']) {
    expect(body).toContain(`tastespace_${name}`)
  }
  expect(body).toMatch(/^tastespace_model_loaded_timestamp_seconds\{kind="cml"\} \d+/m)

  const popularity = await Popularity.create()
  await popularity.fit(data)
  const other = createHandler(popularity)
  expect((await post(other, '/recommend', { users: [1] })).status).toBe(200)
  const { status, body: refused } = await post(other, '/similar', { items: [1] })
  expect([status, refused.error.code]).toEqual([422, 'model/unsupported'])
})

test('openapi.json is valid OpenAPI 3.1, and its schemas refuse what the service refuses', async () => {
  const document = await openapi(handler)
  const { valid, errors } = await new Validator().validate(structuredClone(document))
  expect(errors ?? []).toEqual([])
  expect([valid, document.openapi]).toEqual([true, '3.1.0'])
  const { schema } = document.paths['/recommend'].post.requestBody.content['application/json']
  expect(schema.properties.k).toMatchObject({ minimum: 1, maximum: 1000 })
  expect(schema).toMatchObject({
    additionalProperties: false,
    oneOf: [{ required: ['users'] }, { required: ['history'] }],
  })
})

test.each([
  ['{', 400, 'serve/bad-body', /is not JSON/],
  ['', 400, 'serve/bad-body', /is empty/],
  [Uint8Array.of(0x7b, 0xff), 400, 'serve/bad-body', /UTF-8/],
  ['['.repeat(100_000), 400, 'serve/bad-body', /16 objects and arrays/],
  [[], 400, 'config/wrong-type', /the whole is an array of 0; expected an object/],
  [{}, 400, 'config/conflict', /either users or history/],
  [{ users: [1], history: [] }, 400, 'config/conflict', /not both/],
  [{ users: [1], limit: 3 }, 400, 'config/unknown-key', /"limit" is not a key: accepted are users, history, k/],
  [{ users: '1' }, 400, 'config/wrong-type', /users is "1"; expected an array/],
  [{ users: [{}] }, 400, 'config/wrong-type', /users\[0\] is an object; expected an id/],
  [{ users: [1.5] }, 400, 'config/wrong-type', /users\[0\] is 1.5; expected an id/],
  [{ users: [] }, 400, 'config/out-of-range', /users is an array of 0; expected at least 1 entries/],
  [{ users: Array(101).fill(1) }, 400, 'config/out-of-range', /at most 100 entries/],
  [{ users: [1], k: 1e9 }, 400, 'config/out-of-range', /k is 1000000000; expected at most 1,000/],
  [{ users: [1], k: 1.5 }, 400, 'config/wrong-type', /k is 1.5; expected a whole number/],
  [{ users: [1], seen: 'maybe' }, 400, 'config/wrong-type', /"exclude" or "include"/],
  [{ users: [1], filter: { genres: { some: [1] } } }, 400, 'config/unknown-key', /accepted are any, all, none/],
  [{ users: [1], filter: { color: { any: ['red'] } } }, 400, 'serve/unknown-field', /boosted by genres/],
  [{ users: [1], boost: { genres: { Drama: 'high' } } }, 400, 'config/wrong-type', /boost\.genres\.Drama is "high"/],
  [{ users: [1], diversity: 2 }, 400, 'config/out-of-range', /diversity is 2/],
  [{ users: [1], exclude: ['none'] }, 404, 'model/unknown-item', /unknown item 'none'/],
  [{ history: [{ item: 1, rating: 99 }] }, 422, 'data/rating-out-of-range', /1 to 5/],
  [{ history: [{ item: 1, stars: 5 }] }, 400, 'config/unknown-key', /"stars" is not a key of history\[0\]/],
  [{ users: ['\ud800'] }, 400, 'data/bad-id', /surrogate/],
])('the body %j has status %i and code %s', async (body, status, code, message) => {
  const answer = await post(handler, '/recommend', body)
  expect([answer.status, answer.body.error.code]).toEqual([status, code])
  expect(answer.body.error.message).toMatch(message)
})

test('other methods, paths and types of content', async () => {
  const refused = await get(handler, '/recommend')
  expect([refused.status, refused.headers.get('allow'), refused.body.error.code]).toEqual([
    405,
    'POST',
    'serve/wrong-method',
  ])
  expect((await post(handler, '/health', {})).headers.get('allow')).toBe('GET, HEAD')
  expect((await get(handler, '/')).body.error).toMatchObject({ code: 'serve/unknown-route' })
  for (const headers of [
    { 'content-type': 'text/plain' },
    { 'content-type': 'application/json', 'content-encoding': 'gzip' },
  ]) {
    const answer = await answered(handler, request('/recommend', '{}', headers))
    expect([answer.status, answer.body.error.code]).toEqual([415, 'serve/wrong-content-type'])
  }
  const head = await handler(new Request('http://localhost/health', { method: 'HEAD' }))
  expect([head.status, await head.text()]).toEqual([200, ''])
  expect((await get(handler, '/items?k=many')).body.error.message).toMatch(/k is "many"; expected a finite number/)
  expect((await get(handler, '/items?page=2')).body.error.code).toBe('config/unknown-key')
})

test('headers, a base path, and pages of another origin', async () => {
  const { headers } = await get(handler, '/health')
  expect(Object.fromEntries(headers)).toEqual({
    'content-type': 'application/json; charset=utf-8',
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
  })
  const mounted = createHandler(model, { basePath: '/api/v1', cors: 'https://example.org' })
  const answer = await mounted(new Request('http://localhost/api/v1/health'))
  expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([200, 'https://example.org'])
  const preflight = await mounted(new Request('http://localhost/api/v1/recommend', { method: 'OPTIONS' }))
  expect([preflight.status, preflight.headers.get('access-control-allow-headers')]).toEqual([204, 'content-type'])
  const without = await handler(new Request('http://localhost/recommend', { method: 'OPTIONS' }))
  expect(without.status).toBe(405)
})

test('options and models are checked', async () => {
  const code = (run: () => unknown) => {
    try {
      run()
      return 'none'
    } catch (error) {
      return error instanceof Error && 'code' in error ? `${error.code}: ${error.message}` : error
    }
  }
  // @ts-expect-error No model.
  expect(code(() => createHandler({}))).toMatch(/^config\/bad-argument: createHandler: model/)
  // @ts-expect-error An unknown option.
  expect(code(() => createHandler(model, { port: 1 }))).toMatch(/^config\/unknown-key: .* accepted are basePath, items/)
  expect(code(() => createHandler(model, { limits: { k: 0 } }))).toMatch(/^config\/out-of-range: .*limits\.k is 0/)
  expect(code(() => createHandler(model, { basePath: 'api/' }))).toMatch(/^config\/wrong-type: .*begins with \//)
  expect(code(() => createHandler(model, { cors: 'example.org' }))).toMatch(/^config\/wrong-type: .*origin/)
  const untrained = createHandler(await CML.create())
  expect((await get(untrained, '/health')).status).toBe(503)
  const { status, headers, body } = await post(untrained, '/recommend', { users: [1] })
  expect([status, headers.get('retry-after'), body.error.code]).toEqual([503, '1', 'model/not-fitted'])
})

test('another model takes over when its requests begin, and the earlier one can be disposed of', async () => {
  const ease = await EASE.create()
  await ease.fit(data)
  const earlier = await trained(4)
  const changing = createHandler(earlier)
  const asked = Promise.all(Array.from({ length: 20 }, () => post(changing, '/recommend', { users: [7] })))
  await changing.replace(ease)
  earlier.dispose()
  for (const { status, body } of await asked) expect([status, /cml|ease/.test(body.model)]).toEqual([200, true])
  expect((await post(changing, '/recommend', { users: [7] })).body.model).toBe('ease')
  // @ts-expect-error No table.
  await expect(changing.replace(ease, { items: 5 })).rejects.toMatchObject({ code: 'config/wrong-type' })
  await changing.replace(ease, { items: [{ id: 1, stock: true }] })
  await changing.replace(ease)
  expect((await get(changing, '/health')).body.model.filters).toEqual(['genres', 'stock'])
  await expect(changing.replace(await CML.create())).rejects.toMatchObject({ code: 'model/not-fitted' })
  expect((await post(changing, '/recommend', { users: [7] })).body.model).toBe('ease')
})
