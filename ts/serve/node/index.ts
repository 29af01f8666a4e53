import type { RequestListener } from 'node:http'
import { createRequestListener } from '@remix-run/node-fetch-server'
import { TastespaceError } from '../../errors.ts'

/**
 * A listener of `node:http` that answers by a handler, for `createServer`, Express and Fastify. Bodies are streamed with
 * backpressure. In Express it comes before `express.json()`, which would read the body first.
 *
 * @example
 * createServer(toNodeListener(createHandler(model))).listen(3000)
 *
 * @throws `config/bad-argument`
 */
export function toNodeListener(handler: (request: Request) => Response | Promise<Response>): RequestListener {
  if (typeof handler !== 'function') {
    const message = `toNodeListener: handler is ${typeof handler}; expected what createHandler returns`
    throw new TastespaceError('config/bad-argument', message, { function: 'toNodeListener', argument: 'handler' })
  }
  return createRequestListener((request) => handler(request), {
    // A request that is none for the Fetch API: a path or a host that cannot be in a URL, or a method such as TRACE.
    onError: () => {
      const message = 'the request has a path, a host or a method that is not accepted'
      const error = new TastespaceError('serve/bad-request', message)
      return Response.json({ error }, { status: 400, headers: { 'x-content-type-options': 'nosniff' } })
    },
  })
}
