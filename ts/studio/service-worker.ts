// Keeps the page for use without a network, and adds the headers that threads need where the host does not send them.

// The project's TypeScript libraries have no types of workers; these are the parts used here.
interface ServiceWorker {
  addEventListener(
    type: 'install' | 'activate',
    listener: (event: { waitUntil(work: Promise<unknown>): void }) => void,
  ): void
  addEventListener(type: 'fetch', listener: (event: FetchCall) => void): void
  addEventListener(type: 'message', listener: (event: Message) => void): void
  skipWaiting(): Promise<void>
  readonly clients: { claim(): Promise<void> }
  readonly location: Location
}

interface FetchCall {
  readonly request: Request
  respondWith(answer: Promise<Response>): void
}

/** The page sends the paths of all its files, for use without a network. */
interface Message {
  readonly data: readonly string[]
  waitUntil(work: Promise<unknown>): void
}

const worker = globalThis as unknown as ServiceWorker
const CACHE = 'tastespace studio'

worker.addEventListener('install', () => void worker.skipWaiting())
worker.addEventListener('activate', (event) => event.waitUntil(worker.clients.claim()))

worker.addEventListener('fetch', (event) => {
  const { request } = event
  const url = new URL(request.url)
  // Files of other origins, and the data that the command line serves, pass by.
  if (request.method !== 'GET' || url.origin !== worker.location.origin || url.pathname.includes('/given/')) return
  event.respondWith(answer(request))
})

worker.addEventListener('message', (event) => event.waitUntil(keep(event.data)))

/** Loads all files, also those that are kept: a new version of the page must not meet the old version of a part. */
async function keep(paths: readonly string[]): Promise<void> {
  const cache = await caches.open(CACHE)
  for (const path of paths) {
    await cache.add(path).catch(() => {
      // Without a network the copy of the last visit stays.
    })
  }
}

/** From the network, so that the page is never older than its host's, or else from the last visit. */
async function answer(request: Request): Promise<Response> {
  const cache = await caches.open(CACHE)
  try {
    const response = await fetch(request)
    if (response.ok && response.type === 'basic') await cache.put(request, response.clone())
    return isolated(response)
  } catch (error) {
    const kept = await cache.match(request, { ignoreSearch: true })
    if (kept) return isolated(kept)
    throw error
  }
}

/** Pages with these headers may share memory between threads. */
function isolated(response: Response): Response {
  if (response.status === 0) return response
  const headers = new Headers(response.headers)
  headers.set('Cross-Origin-Opener-Policy', 'same-origin')
  headers.set('Cross-Origin-Embedder-Policy', 'require-corp')
  const { status, statusText } = response
  return new Response(response.body, { status, statusText, headers })
}
