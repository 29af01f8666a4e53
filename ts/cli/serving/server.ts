import { createServer, type RequestListener, type Server } from 'node:http'
import { type AddressInfo, isIP } from 'node:net'
import { TastespaceError } from '../../index.ts'

/** Milliseconds that a client may take for its headers, for its request, and between two bytes. */
const HEADERS = 10_000
const REQUEST = 15_000
const IDLE = 30_000
/** Milliseconds that a connection is kept for the next request, longer than those of common proxies. */
const KEEP_ALIVE = 65_000

/** A server whose clients have to be quick: Node answers those that are not with 408, and what is no HTTP with 400. */
export function serverOf(listener: RequestListener): Server {
  const server = createServer(
    {
      headersTimeout: HEADERS,
      requestTimeout: REQUEST,
      connectionsCheckingInterval: 1000,
      keepAliveTimeout: KEEP_ALIVE,
    },
    listener,
  )
  server.timeout = IDLE
  return server
}

/**
 * Listens, and resolves with the address.
 *
 * @throws `serve/port-in-use`, `serve/no-access`, `serve/bad-host`
 */
export async function listen(server: Server, host: string, port: number): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(listenError(error, host, port)))
    server.listen({ host, port, exclusive: true }, resolve)
  })
  const { port: chosen } = server.address() as AddressInfo
  return `http://${isIP(host) === 6 ? `[${host}]` : host}:${chosen}`
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number): TastespaceError {
  const details = { host, port, errno: error.code }
  switch (error.code) {
    case 'EADDRINUSE':
      return new TastespaceError(
        'serve/port-in-use',
        `port ${port} of ${host} is in use by another program: give another with --port, or --port 0 for any that is free`,
        details,
      )
    case 'EACCES':
      return new TastespaceError(
        'serve/no-access',
        `this user may not listen on port ${port} of ${host}: give a port from 1024 with --port`,
        details,
      )
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new TastespaceError(
        'serve/bad-host',
        `${host} is no address of this machine: give one with --host, such as 127.0.0.1, or 0.0.0.0 for all`,
        details,
      )
    default:
      return new TastespaceError('serve/not-started', `${host}:${port}: ${error.message}`, details)
  }
}

/** Whether only programs of this machine reach a host. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)
}

/** Stops accepting, and resolves when all requests are answered: true, or false if that took longer than the limit. */
export async function stop(server: Server, milliseconds: number): Promise<boolean> {
  let inTime = true
  // Two turns of the event loop: clients that have connected are accepted, where `close` would cut them off.
  for (let turn = 0; turn < 2; turn++) await new Promise((resolve) => setImmediate(resolve))
  const closed = new Promise((resolve) => server.close(resolve))
  // A connection is idle once its request is answered; until then clients may keep it open.
  const idle = setInterval(() => server.closeIdleConnections(), 50)
  const limit = setTimeout(() => {
    inTime = false
    server.closeAllConnections()
  }, milliseconds)
  await closed
  clearInterval(idle)
  clearTimeout(limit)
  return inTime
}
