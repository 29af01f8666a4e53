import type { Channel, WorkerHandle } from './host.ts'
import { wasmOf } from './wasm-browser.ts'

/** A worker as its parent's side of the engine wants it. */
export function handleOf<Incoming, Outgoing>(worker: Worker): WorkerHandle<Incoming, Outgoing> {
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
    terminate: async () => worker.terminate(),
  }
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

/**
 * A worker from a file of this package, if that is loaded from another server than the page, a CDN say: its scripts may
 * be imported then, but not started as workers.
 */
export function importedFromElsewhere(file: string): Worker | undefined {
  const wasm = wasmOf('mt')
  // Bundlers move and rename this file: in a bundle the workers are not beside it any more, and theirs to be found.
  if (wasm.origin === location.origin || !wasm.pathname.endsWith('/mt/tastespace_wasm_bg.wasm')) return undefined
  const source = `import ${JSON.stringify(new URL(`../${file}`, wasm).href)}`
  const script = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }))
  const worker = new Worker(script, { type: 'module' })
  // Not before the script has been read, which it has been once the worker speaks.
  worker.addEventListener('message', () => URL.revokeObjectURL(script), { once: true })
  return worker
}
