import * as z from 'zod'
import { TastespaceError } from '../errors.ts'
import { firstIssue } from './issues.ts'

/** Limits of a handler. A request beyond one is refused with an error that names the limit. */
export interface ServeLimits {
  /** Bytes of a request's body. Default 1 MiB, at least 1,024. */
  readonly bodyBytes?: number | undefined
  /** Users, or items of `/similar` and `/items`, in one request. Default 100, at least 1. */
  readonly users?: number | undefined
  /** Items in a list, `k`. Default 1,000, at least 1. */
  readonly k?: number | undefined
  /** Items in a history. Default 1,000, at least 1. */
  readonly history?: number | undefined
  /** Requests that wait for the engine; more are answered with 503. Default 1,000, at least 1. */
  readonly queue?: number | undefined
  /** Milliseconds until a request is answered with 504. Default 10,000, at least 1. */
  readonly milliseconds?: number | undefined
}

/** A row of a table about items: the id of an item, and columns by which items are filtered and boosted. */
export interface ItemRow {
  readonly id: string | number | bigint
  readonly [column: string]: unknown
}

/** Options of `createHandler`. */
export interface ServeOptions {
  /** Path before the routes, such as `/api/recommendations`. Default none. */
  readonly basePath?: string | undefined
  /**
   * Columns of items beside those in the model: texts, numbers, booleans or arrays of them. Items that the model does not
   * know are left out. Default none.
   */
  readonly items?: Iterable<ItemRow> | undefined
  /**
   * The answer for a user whom the model does not know, and for a history without a known item: popular items, marked
   * `"source": "popular"`, or an error with status 404. Default `popular`.
   */
  readonly unknownUsers?: 'popular' | 'error' | undefined
  /** The origin whose pages may call the service, such as `https://example.org`, or `*`. Default none. */
  readonly cors?: string | undefined
  readonly limits?: ServeLimits | undefined
  /** Called with every error that is answered with status 500, for a log. */
  readonly onError?: ((error: unknown) => void) | undefined
}

/** The default of each limit. */
const LIMITS = {
  bodyBytes: 1_048_576,
  users: 100,
  k: 1000,
  history: 1000,
  queue: 1000,
  milliseconds: 10_000,
} as const satisfies Required<ServeLimits>

export type Limits = Record<keyof typeof LIMITS, number>

/** Options with their defaults. */
export interface Settings {
  readonly basePath: string
  readonly items: Iterable<ItemRow>
  readonly unknownUsers: 'popular' | 'error'
  readonly cors: string | undefined
  readonly limits: Limits
  readonly onError: (error: unknown) => void
}

const limit = (least: number) => z.int().min(least).optional()

const SHAPE = z.strictObject({
  basePath: z
    .string()
    .regex(/^(\/[^\s/?#]+)*$/, 'a path that begins with / and does not end with it')
    .optional(),
  items: z.custom<Iterable<ItemRow>>(isIterable, 'rows { id, …columns }').optional(),
  unknownUsers: z.enum(['popular', 'error']).optional(),
  cors: z
    .string()
    .regex(/^(\*|null|[a-z][a-z\d+.-]*:\/\/[^\s/]+)$/, "an origin such as 'https://example.org', or '*'")
    .optional(),
  limits: z
    .strictObject({
      bodyBytes: limit(1024),
      users: limit(1),
      k: limit(1),
      history: limit(1),
      queue: limit(1),
      milliseconds: limit(1),
    })
    .optional(),
  onError: z.custom<(error: unknown) => void>((value) => typeof value === 'function', 'a function').optional(),
})

/** Checks the options of `createHandler`. */
export function settingsOf(options: ServeOptions): Settings {
  const given = checked('createHandler', SHAPE, options)
  const { basePath = '', items = [], unknownUsers = 'popular', cors, limits = {}, onError = () => {} } = given
  const changed = Object.entries(limits).filter(([, value]) => value !== undefined)
  // A copy, since some can be read only once and every new model needs them.
  return {
    basePath,
    items: [...items],
    unknownUsers,
    cors,
    limits: { ...LIMITS, ...Object.fromEntries(changed) },
    onError,
  }
}

/** Checks the options of `replace`, and returns the table of items where there is one. */
export function replacedItems(options: { readonly items?: Iterable<ItemRow> | undefined }): ItemRow[] | undefined {
  const { items } = checked('replace', SHAPE.pick({ items: true }), options)
  return items && [...items]
}

function checked<Shape extends z.ZodObject>(where: string, shape: Shape, options: object): z.infer<Shape> {
  const parsed = shape.safeParse(options)
  if (parsed.success) return parsed.data
  const keysAt = (place: string) => Object.keys(place === 'limits' ? LIMITS : shape.shape)
  const { code, message, details } = firstIssue(parsed.error, options, 'an option', keysAt)
  throw new TastespaceError(code, `${where}: ${message}`, { function: where, ...details })
}

function isIterable(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Symbol.iterator in value
}
