import { TastespaceError } from '../errors.ts'
import { Batcher } from './batcher.ts'
import { readJSON } from './body.ts'
import { failureOf } from './failure.ts'
import { HandlerMetrics } from './metrics.ts'
import type { ServableModel } from './model.ts'
import { openapiOf } from './openapi.ts'
import { type ItemRow, replacedItems, type ServeOptions, type Settings, settingsOf } from './options.ts'
import { type Route, routesOf } from './routes.ts'
import { schemasOf } from './schemas.ts'
import { Served } from './served.ts'

/** Answers HTTP requests from a model. */
export interface Handler {
  (request: Request): Promise<Response>
  /**
   * Answers from another model from now on. Resolves when the requests that the earlier model answers are done, so that it
   * can be disposed of. If it rejects, nothing has changed. `items` replaces the table of items; by default it stays.
   *
   * @example
   * const next = await loadModel('model.safetensors')
   * await handler.replace(next)
   * model.dispose()
   *
   * @throws `config/bad-argument`, `model/not-fitted`
   */
  replace(model: ServableModel, options?: { readonly items?: Iterable<ItemRow> | undefined }): Promise<void>
}

/**
 * A handler of HTTP requests that answers from a model: a function from Request to Response of the Fetch API, for Node, Hono,
 * Next, Deno and Bun. Its routes are `/recommend`, `/similar`, `/explain`, `/items`, `/health`, `/metrics` and
 * `/openapi.json`. Errors are answered as `{ "error": { "code", "message", "details" } }`.
 *
 * @example
 * const handler = createHandler(await loadModel('model.safetensors'))
 * const response = await handler(new Request('http://localhost/items?q=matrix'))
 *
 * @throws `config/bad-argument`, `config/unknown-key`, `config/wrong-type`, `config/out-of-range`
 */
export function createHandler(model: ServableModel, options: ServeOptions = {}): Handler {
  checkModel('createHandler', model)
  const service = new Service(model, settingsOf(options))
  return Object.assign((request: Request) => service.answer(request), {
    replace: async (model: ServableModel, options: { readonly items?: Iterable<ItemRow> | undefined } = {}) => {
      checkModel('replace', model)
      return service.replace(model, replacedItems(options))
    },
  })
}

function checkModel(where: string, model: ServableModel): void {
  if (typeof model === 'object' && typeof model?.recommendArrays === 'function') return
  const message = `${where}: model is ${model === null ? 'null' : typeof model}; expected a model that was trained or loaded`
  throw new TastespaceError('config/bad-argument', message, { function: where, argument: 'model' })
}

const CLOSED = new TastespaceError('serve/closed', 'the client closed the request')

/** A request on its way. */
interface Progress {
  /** Aborted when its time is over or its client is gone. */
  readonly signal: AbortSignal
  /** Whether its body has arrived. */
  read: boolean
}

/** What a route answers: a body of a type. */
interface Answer {
  readonly body: string
  readonly type?: string
}

class Service {
  readonly #metrics = new HandlerMetrics(() => this.#batcher.waiting)
  readonly #batcher: Batcher
  readonly #schemas
  readonly #routes: readonly Route[]
  /** Methods of each path. */
  readonly #methods: ReadonlyMap<string, readonly string[]>
  #items: Iterable<ItemRow>
  #served: Promise<Served> | undefined
  #description: string | undefined

  constructor(
    private readonly first: ServableModel,
    private readonly settings: Settings,
  ) {
    this.#items = settings.items
    this.#batcher = new Batcher(settings.limits.queue, this.#metrics)
    this.#schemas = schemasOf(settings.limits)
    this.#routes = routesOf(this.#schemas)
    const methods = new Map<string, string[]>()
    for (const path of ['/health/live', '/metrics', '/openapi.json']) methods.set(path, ['GET'])
    for (const { path, method } of this.#routes) methods.set(path, [...(methods.get(path) ?? []), method])
    this.#methods = methods
    this.#current().catch(() => {})
  }

  async replace(model: ServableModel, items = this.#items): Promise<void> {
    const next = await Served.of(model, items)
    this.#items = items
    const earlier = await this.#served?.catch(() => undefined)
    this.#served = Promise.resolve(next)
    this.#metrics.loaded(model.kind, next.loaded)
    await earlier?.unused()
  }

  async answer(request: Request): Promise<Response> {
    const end = this.#metrics.begin()
    const path = this.#pathOf(request)
    let status = 500
    try {
      const { body, type = JSON_TYPE } = await this.#inTime(request, (progress) => this.#route(request, path, progress))
      status = body === '' ? 204 : 200
      return this.#respond(request, status, body, { 'content-type': type })
    } catch (error) {
      const failure = failureOf(error)
      if (failure.status === 500) this.#report(error)
      status = failure.status
      return this.#respond(request, status, JSON.stringify({ error: failure.error }), {
        'content-type': JSON_TYPE,
        ...failure.headers,
      })
    } finally {
      end(this.#methods.has(path) ? path : 'other', status)
    }
  }

  async #route(request: Request, path: string, progress: Progress): Promise<Answer> {
    const { signal } = progress
    const methods = this.#methods.get(path)
    if (!methods) throw this.#unknownRoute(path)
    if (request.method === 'OPTIONS' && this.settings.cors !== undefined) return { body: '' }
    const method = request.method === 'HEAD' ? 'GET' : request.method
    if (!methods.includes(method)) {
      const allow = [...methods, ...(methods.includes('GET') ? ['HEAD'] : [])].join(', ')
      const message = `${path} does not take ${request.method.slice(0, 20)}: it takes ${allow}`
      throw new TastespaceError('serve/wrong-method', message, { allow })
    }
    if (path === '/metrics') return { body: await this.#metrics.text(), type: this.#metrics.contentType }
    if (path === '/openapi.json') return { body: this.#openapi() }
    if (path === '/health/live') return this.#live()
    const route = this.#routes.find((route) => route.path === path && route.method === method)
    if (!route) throw this.#unknownRoute(path)
    const input =
      method === 'POST'
        ? await readJSON(request, this.settings.limits.bodyBytes, signal)
        : Object.fromEntries(new URL(request.url).searchParams)
    progress.read = true
    const served = await this.#current()
    const unused = served.use()
    try {
      const context = { served, batcher: this.#batcher, settings: this.settings, signal }
      return { body: JSON.stringify(await route.run(context, input)) }
    } finally {
      unused()
    }
  }

  /** The model in use, prepared when it is first needed. An error, such as that it is not trained yet, is not kept. */
  #current(): Promise<Served> {
    if (this.#served) return this.#served
    const served = Served.of(this.first, this.#items)
    this.#served = served
    served.then(
      ({ model, loaded }) => this.#metrics.loaded(model.kind, loaded),
      () => {
        if (this.#served === served) this.#served = undefined
      },
    )
    return served
  }

  async #live(): Promise<Answer> {
    const served = await this.#served?.catch(() => undefined)
    if (!(served?.model ?? this.first).engine.alive) {
      throw new TastespaceError('engine/crashed', 'the engine no longer answers: start the process again')
    }
    return { body: JSON.stringify({ status: 'live' }) }
  }

  #openapi(): string {
    this.#description ??= JSON.stringify(openapiOf(this.#routes, this.#schemas, this.settings.basePath))
    return this.#description
  }

  /** The path of a request after the base path. */
  #pathOf(request: Request): string {
    const { pathname } = new URL(request.url)
    const { basePath } = this.settings
    const path = pathname.startsWith(`${basePath}/`) ? pathname.slice(basePath.length) : pathname
    return path.length > 1 ? path.replace(/\/$/, '') : path
  }

  #unknownRoute(path: string): TastespaceError {
    const accepted = [...this.#methods].map(
      ([path, methods]) => `${methods.join('|')} ${this.settings.basePath}${path}`,
    )
    const message = `there is no ${path.slice(0, 80)}: the routes are ${accepted.join(', ')}`
    return new TastespaceError('serve/unknown-route', message, { path: path.slice(0, 80), accepted })
  }

  /** Gives up after the time of a request, and when its client is gone. */
  async #inTime<T>(request: Request, run: (progress: Progress) => Promise<T>): Promise<T> {
    const { milliseconds } = this.settings.limits
    const controller = new AbortController()
    const { signal } = controller
    const progress: Progress = { signal, read: request.body === null }
    const closed = () => controller.abort(CLOSED)
    const timer = setTimeout(() => {
      const [code, what] = progress.read ? ['serve/timeout', 'the answer'] : ['serve/slow-body', 'the body']
      const message = `${what} took longer than ${milliseconds} milliseconds`
      controller.abort(new TastespaceError(code, message, { limit: milliseconds }))
    }, milliseconds)
    if (request.signal.aborted) closed()
    request.signal.addEventListener('abort', closed, { once: true })
    try {
      const aborted = new Promise<never>((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason), { once: true })
      })
      return await Promise.race([run(progress), aborted])
    } finally {
      clearTimeout(timer)
      request.signal.removeEventListener('abort', closed)
    }
  }

  #respond(request: Request, status: number, body: string, headers: Readonly<Record<string, string>>): Response {
    const { cors } = this.settings
    const empty = request.method === 'HEAD' || status === 204
    return new Response(empty ? null : body, {
      status: status === 499 ? 400 : status,
      headers: {
        ...headers,
        'x-content-type-options': 'nosniff',
        'cache-control': 'no-store',
        ...(cors !== undefined && {
          'access-control-allow-origin': cors,
          'access-control-allow-methods': 'GET, POST, HEAD',
          'access-control-allow-headers': 'content-type',
          'access-control-max-age': '3600',
          vary: 'origin',
        }),
      },
    })
  }

  #report(error: unknown): void {
    try {
      this.settings.onError(error)
    } catch {
      // A log that fails does not fail the request.
    }
  }
}

const JSON_TYPE = 'application/json; charset=utf-8'
