import * as z from 'zod'
import type { Route } from './routes.ts'
import type { Schemas } from './schemas.ts'

/** Descriptions of the statuses of errors. */
const STATUSES: Readonly<Record<number, string>> = {
  400: 'The request is wrong: the message names the key.',
  404: 'A user, an item or a route is unknown.',
  408: 'The body did not arrive in time.',
  413: 'The body is too large.',
  415: 'The body is not declared as JSON, or is compressed.',
  422: 'The model cannot answer such a request.',
  503: 'The service is overloaded or not ready.',
  504: 'The time of the request is over.',
}

const json = (schema: unknown) => ({ 'application/json': { schema } })

/** The description of a handler in OpenAPI 3.1. */
export function openapiOf(routes: readonly Route[], schemas: Schemas, basePath: string): object {
  const error = { $ref: '#/components/schemas/Error' }
  const failures = (statuses: readonly number[]) =>
    Object.fromEntries(
      [...statuses]
        .sort((a, b) => a - b)
        .map((status) => [status, { description: STATUSES[status] ?? '', content: json(error) }]),
    )
  const paths: Record<string, Record<string, unknown>> = {}
  for (const { path, method, summary, request, answer, errors } of routes) {
    paths[path] = {
      ...paths[path],
      [method.toLowerCase()]: {
        operationId: `${method.toLowerCase()}${path.replace(/\/(\w)/g, (_, letter: string) => letter.toUpperCase())}`,
        summary,
        ...(request &&
          method === 'POST' && { requestBody: { required: true, content: json(schemaOf(request, 'input')) } }),
        ...(request && method === 'GET' && { parameters: parametersOf(request) }),
        responses: {
          200: { description: 'The answer.', content: json(schemaOf(answer, 'output')) },
          ...failures(errors),
        },
      },
    }
  }
  const text = (summary: string, type: string) => ({
    get: {
      summary,
      responses: { 200: { description: 'The answer.', content: { [type]: { schema: { type: 'string' } } } } },
    },
  })
  return {
    openapi: '3.1.0',
    info: { title: 'tastespace', version: '1', description: 'Recommendations of a trained model.' },
    servers: [{ url: basePath === '' ? '/' : basePath }],
    paths: {
      ...paths,
      '/health/live': {
        get: {
          operationId: 'getHealthLive',
          summary: 'Whether the process answers.',
          responses: {
            200: { description: 'The answer.', content: json(schemaOf(schemas.live.answer, 'output')) },
            ...failures([503]),
          },
        },
      },
      '/metrics': text('Metrics in the text format of Prometheus.', 'text/plain'),
      '/openapi.json': {
        get: {
          summary: 'This description.',
          responses: { 200: { description: 'The answer.', content: json({ type: 'object' }) } },
        },
      },
    },
    components: { schemas: { Error: schemaOf(schemas.error.answer, 'output') } },
  }
}

function schemaOf(shape: z.ZodType, io: 'input' | 'output'): object {
  const { $schema: _, ...schema } = z.toJSONSchema(shape, { io, target: 'draft-2020-12' })
  return schema
}

function parametersOf(query: z.ZodObject): object[] {
  return Object.entries(query.shape).map(([name, shape]) => {
    const { description, ...schema } = z.toJSONSchema(shape as z.ZodType, { io: 'output', target: 'draft-2020-12' })
    const { $schema: _, ...rest } = schema
    return { name, in: 'query', required: false, ...(description && { description }), schema: rest }
  })
}
