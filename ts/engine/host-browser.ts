import type { Build, Channel, Host, WorkerHandle, WorkerRole } from './host.ts'

export const browserHost: Host = {
  get runtime() {
    return { userAgent: navigator.userAgent }
  },
  hardwareThreads: () => navigator.hardwareConcurrency,
  noThreads,
  startWorker,
  compile,
}

/** What a worker's global scope has, which the compiler takes for a page's. */
interface WorkerScope {
  postMessage(message: unknown, transfer: Transferable[]): void
  addEventListener(type: 'message', listener: (event: MessageEvent) => void): void
}

/** The parent's end, inside a worker. */
export function parentChannel<Incoming, Outgoing>(): Channel<Incoming, Outgoing> {
  const scope = globalThis as unknown as WorkerScope
  return {
    post: (message, transfer = []) => scope.postMessage(message, [...transfer]),
    onMessage: (listener) => scope.addEventListener('message', ({ data }) => listener(data)),
  }
}

function noThreads(): string | undefined {
  if (globalThis.crossOriginIsolated) return undefined
  return (
    'the page is not cross-origin isolated; its server has to send the headers ' +
    'Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp'
  )
}

function startWorker<Incoming, Outgoing>(role: WorkerRole): WorkerHandle<Incoming, Outgoing> {
  const worker = newWorker(role)
  return {
    post: (message, transfer = []) => worker.postMessage(message, [...transfer]),
    onMessage: (listener) => worker.addEventListener('message', ({ data }) => listener(data)),
    // Only a script that could not be had has no message. A worker that throws is not ended by it, but of no more use.
    onEnd: (listener) =>
      worker.addEventListener('error', ({ message }) =>
        listener(message || 'the script of its worker could not be loaded, or lacks the headers of the page'),
      ),
    // A page lives until it is left.
    keepAlive: () => {},
    terminate: () => worker.terminate(),
  }
}

function newWorker(role: WorkerRole): Worker {
  const elsewhere = packageElsewhere()
  if (elsewhere) return importing(new URL(`${role}-browser.mjs`, elsewhere))
  // Spelt out for each role, since bundlers find the files of workers by this very expression.
  return role === 'engine'
    ? new Worker(new URL('./engine-browser.mjs', import.meta.url), { type: 'module' })
    : new Worker(new URL('./pool-browser.mjs', import.meta.url), { type: 'module' })
}

/** The folder this package is loaded from, if that is on another server, as it was published: a CDN say. */
function packageElsewhere(): URL | undefined {
  // Told from a file that bundlers move and rename: in a bundle, what is beside this file is not beside it any more.
  const wasm = wasmOf('mt')
  if (wasm.origin === location.origin || !wasm.pathname.endsWith('/mt/tastespace_wasm_bg.wasm')) return undefined
  return new URL('..', wasm)
}

/** A worker whose script is on another server: it may not be started from there, but may be imported. */
function importing(script: URL): Worker {
  const own = URL.createObjectURL(new Blob([`import ${JSON.stringify(script.href)}`], { type: 'text/javascript' }))
  const worker = new Worker(own, { type: 'module' })
  // Not before it has been read, which it has been once the worker speaks.
  worker.addEventListener('message', () => URL.revokeObjectURL(own), { once: true })
  return worker
}

async function compile(build: Build): Promise<WebAssembly.Module> {
  const url = wasmOf(build)
  const response = await fetch(url)
  if (!response.ok) throw new Error(`${url} cannot be loaded: ${response.status} ${response.statusText}`)
  // Compiling what has come while the rest is on its way is only allowed under this type, which not every server knows.
  if (response.headers.get('content-type') === 'application/wasm') return WebAssembly.compileStreaming(response)
  return WebAssembly.compile(await response.arrayBuffer())
}

function wasmOf(build: Build): URL {
  return build === 'mt'
    ? new URL('./mt/tastespace_wasm_bg.wasm', import.meta.url)
    : new URL('./st/tastespace_wasm_bg.wasm', import.meta.url)
}
