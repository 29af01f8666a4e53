import type { Channel, WorkerHandle } from './host.ts'
import { wasmOf } from './wasm-browser.ts'

/** A browser's worker as a handle. */
export function handleOf<Incoming, Outgoing>(worker: Worker): WorkerHandle<Incoming, Outgoing> {
  return {
    post: (message, transfer = []) => worker.postMessage(message, [...transfer]),
    onMessage: (listener) => worker.addEventListener('message', ({ data }) => listener(data)),
    // An error without a message is a script that did not load. A worker that throws goes on, but is useless.
    onEnd: (listener) =>
      worker.addEventListener('error', ({ message }) =>
        listener(message || 'the script of its worker could not be loaded, or lacks the headers of the page'),
      ),
    // Only a matter for Node.
    keepAlive: () => {},
    terminate: async () => worker.terminate(),
  }
}

/** The global scope of a worker, which the compiler takes for that of a page. */
interface WorkerScope {
  postMessage(message: unknown, transfer: Transferable[]): void
  addEventListener(type: 'message', listener: (event: MessageEvent) => void): void
}

/** The channel to the parent, inside a worker. */
export function parentChannel<Incoming, Outgoing>(): Channel<Incoming, Outgoing> {
  const scope = globalThis as unknown as WorkerScope
  return {
    post: (message, transfer = []) => scope.postMessage(message, [...transfer]),
    onMessage: (listener) => scope.addEventListener('message', ({ data }) => listener(data)),
  }
}

/**
 * A worker from a file of this package, if the package is loaded from another origin than the page, such as a CDN. Scripts of
 * another origin can be imported, but not started as workers.
 */
export function importedFromElsewhere(file: string): Worker | undefined {
  const wasm = wasmOf('mt')
  // In a bundle this file has another name, and the bundler provides the workers.
  if (wasm.origin === location.origin || !wasm.pathname.endsWith('/mt/tastespace_wasm_bg.wasm')) return undefined
  const source = `import ${JSON.stringify(new URL(`../${file}`, wasm).href)}`
  const script = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }))
  const worker = new Worker(script, { type: 'module' })
  // The script has been read once the worker sends a message.
  worker.addEventListener('message', () => URL.revokeObjectURL(script), { once: true })
  return worker
}
