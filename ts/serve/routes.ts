import type { z } from 'zod'
import { TastespaceError } from '../errors.ts'
import type { Context } from './context.ts'
import { firstIssue } from './issues.ts'
import { items } from './items.ts'
import { recommend } from './recommend.ts'
import type { ItemsAnswer, ReadyAnswer, Schemas } from './schemas.ts'
import { explain, similar } from './similar.ts'

/** A route that answers with JSON. */
export interface Route {
  readonly path: string
  readonly method: 'GET' | 'POST'
  readonly summary: string
  /** The shape of the body of a POST, or of the query of a GET. */
  readonly request?: z.ZodObject
  readonly answer: z.ZodType
  /** Statuses of its errors, beside those of every route. */
  readonly errors: readonly number[]
  /** Answers a request. The input has the shape of `request`. */
  readonly run: (context: Context, input: unknown) => unknown
}

const POST_ERRORS = [400, 408, 413, 415, 422, 503, 504] as const

/** The routes that need a model. */
export function routesOf(schemas: Schemas): readonly Route[] {
  const post = <Input, Shape extends z.ZodObject & z.ZodType<Input>>(
    path: string,
    summary: string,
    { request, answer }: { readonly request: Shape; readonly answer: z.ZodType },
    run: (context: Context, input: z.infer<Shape>) => unknown,
  ): Route => ({
    path,
    method: 'POST',
    summary,
    request,
    answer,
    errors: [...POST_ERRORS, 404],
    run: (context, input) => run(context, checked(request, input)),
  })
  const { query, answer } = schemas.items
  return [
    post('/recommend', 'The best items for users, or for the history of a new user.', schemas.recommend, recommend),
    post('/similar', 'The most similar items of items.', schemas.similar, similar),
    post('/explain', 'Why an item has its score for a user.', schemas.explain, explain),
    post('/items', 'Items by their ids, by a search, or a part of the list of all.', schemas.items, items),
    {
      path: '/items',
      method: 'GET',
      summary: 'Items by a search, or a part of the list of all.',
      request: query,
      answer,
      errors: [400, 503, 504],
      run: (context, input): Promise<ItemsAnswer> => {
        const { q, ...rest } = checked(query, input)
        return items(context, { query: q, ...rest })
      },
    },
    ...['/health/ready', '/health'].map(
      (path): Route => ({
        path,
        method: 'GET',
        summary: 'Whether requests can be answered, and by which model.',
        answer: schemas.ready.answer,
        errors: [503],
        run: ready,
      }),
    ),
  ]
}

function ready({ served }: Context): ReadyAnswer {
  const { info, loaded, catalogue } = served
  if (!served.model.engine.alive) throw new TastespaceError('engine/crashed', 'the engine no longer answers')
  const { kind, task, users, items } = info
  const model = { kind, task, users, items, loaded: loaded.toISOString(), filters: [...catalogue.fields.keys()] }
  return { status: 'ready', model }
}

/** Refuses input that does not have a shape, and returns it. */
function checked<Shape extends z.ZodObject>(shape: Shape, input: unknown): z.infer<Shape> {
  const parsed = shape.safeParse(input)
  if (parsed.success) return parsed.data
  const { code, message, details } = firstIssue(parsed.error, input, 'a key', (place) => {
    if (place.startsWith('filter.')) return ['any', 'all', 'none']
    return place.startsWith('history[') ? ['item', 'rating'] : Object.keys(shape.shape)
  })
  throw new TastespaceError(code, message, details)
}
