import Ajv2020, { type ValidateFunction } from 'ajv/dist/2020.js'
import { CML, Dataset } from 'tastespace'
import type { Handler } from 'tastespace/serve'
import { expect } from 'vitest'

export const films = { ratings: 'examples/ratings.csv', items: 'examples/films.csv' }
export const data = await Dataset.fromFile(films.ratings, { items: films.items })

/** A small model with titles and genres. */
export async function trained(factors = 16): Promise<CML> {
  const model = await CML.create({ factors })
  await model.fit(data, { epochs: 5 })
  return model
}

/** The body of an answer, whatever it is. */
// biome-ignore lint/suspicious/noExplicitAny: answers are checked against their schemas.
export type Body = any

/** An answer with its body. */
export interface Answered {
  readonly status: number
  readonly headers: Headers
  readonly body: Body
}

const JSON_TYPE = { 'content-type': 'application/json' }

/** A POST, whose body is sent as JSON unless it is text or bytes. */
export function request(path: string, body: unknown, headers: Record<string, string> = JSON_TYPE): Request {
  const sent = typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body)
  return new Request(`http://localhost${path}`, { method: 'POST', body: sent as BodyInit, headers })
}

/** The answer of a handler to a POST. */
export function post(handler: Handler, path: string, body: unknown): Promise<Answered> {
  return answered(handler, request(path, body))
}

/** The answer of a handler to a GET. */
export function get(handler: Handler, path: string): Promise<Answered> {
  return answered(handler, new Request(`http://localhost${path}`))
}

/** The answer of a handler, checked against its description. */
export async function answered(handler: Handler, request: Request): Promise<Answered> {
  const { method, url } = request
  const response = await handler(request)
  const text = await response.text()
  const isJSON = response.headers.get('content-type')?.startsWith('application/json')
  const body = isJSON && text !== '' ? JSON.parse(text) : text
  await checkDescribed(handler, method.toLowerCase(), new URL(url).pathname, response.status, body)
  return { status: response.status, headers: response.headers, body }
}

const described = new WeakMap<Handler, Promise<Body>>()

/** The description of a handler. */
export function openapi(handler: Handler): Promise<Body> {
  const known = described.get(handler)
  if (known) return known
  const document = handler(new Request('http://localhost/openapi.json')).then((response) => response.json())
  described.set(handler, document)
  return document
}

/** Checks an answer of a route against the schema that openapi.json has for it. */
async function checkDescribed(handler: Handler, method: string, path: string, status: number, body: Body) {
  const document = await openapi(handler)
  const responses = document.paths[path]?.[method]?.responses
  if (!responses) return
  expect(Object.keys(responses), `${method} ${path}`).toContain(String(status))
  const schema = responses[status].content['application/json']?.schema
  if (!schema) return
  const validate = validatorOf(schema, document)
  expect(validate(body) || validate.errors, `${method} ${path} ${JSON.stringify(body).slice(0, 300)}`).toBe(true)
}

const validators = new WeakMap<object, ValidateFunction>()

/** The validator of a schema of a description, which is compiled once. */
function validatorOf(schema: object, { components }: Body): ValidateFunction {
  const known = validators.get(schema)
  if (known) return known
  const compiled = new Ajv2020({ strict: false, validateFormats: false }).compile({ components, ...schema })
  validators.set(schema, compiled)
  return compiled
}
