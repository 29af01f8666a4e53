import { readFile } from 'node:fs/promises'
import { availableParallelism, freemem } from 'node:os'
import { setFlagsFromString } from 'node:v8'
import { parentPort, Worker } from 'node:worker_threads'
import { TastespaceError } from '../errors.ts'
import { errorCode } from '../realm.ts'
import { noRoomFor } from './address-space.ts'
import type { Build } from './build.ts'
import { foundFor, withAdvice } from './files-node.ts'
import type { Channel, EngineHost, Host, WorkerHandle } from './host.ts'

/** Node's options for the program, such as `--input-type`, could keep the workers from starting. */
const WORKER = { execArgv: [] }

const ENGINE = 'engine-node.mjs'

// Bundlers recognise these exact expressions: `new Worker(new URL(…, import.meta.url))`.

export const nodeHost: Host = {
  runtime: { node: process.versions.node, v8: process.versions.v8 },
  hardwareThreads: availableParallelism,
  noThreads: () => undefined,
  noRoomFor,
  // The limit of a container counts, where Node knows it.
  freeMemory: () => process.availableMemory?.() ?? freemem(),
  startEngine() {
    const elsewhere = foundFor(ENGINE)
    try {
      // Not by `new`: for an address that it does not know, Turbopack would take every file of the package.
      if (elsewhere) return handleOf(Reflect.construct(Worker, [elsewhere, WORKER]))
      return handleOf(new Worker(new URL('./engine-node.mjs', import.meta.url), WORKER))
    } catch (error) {
      if (errorCode(error) === 'ERR_ACCESS_DENIED') throw notPermitted()
      const reason = withAdvice(ENGINE, error)
      throw new TastespaceError('engine/not-started', `the engine did not start: ${reason}`, { reason })
    }
  },
}

export const nodeEngineHost: EngineHost = {
  compile,
  startThread: () => handleOf(new Worker(new URL('./pool-node.mjs', import.meta.url), WORKER)),
  whereNoRoom:
    'Node reserves 10 GiB of addresses for it; where a limit (ulimit -v) forbids that, ' +
    'start Node with --disable-wasm-trap-handler',
}

function notPermitted(): TastespaceError {
  const reason =
    'it runs in a worker, and Node was started with --permission and without --allow-worker: add that flag, and ' +
    '--allow-fs-read=* or that of the folders of the package and of the data'
  return new TastespaceError('engine/not-started', `the engine did not start: ${reason}`, { reason })
}

/** The channel to the parent, inside a worker. */
export function parentChannel<Incoming, Outgoing>(): Channel<Incoming, Outgoing> {
  const port = parentPort
  if (!port) throw new Error('this file runs as a worker only')
  return {
    post: (message, transfer = []) => port.postMessage(message, [...transfer] as never),
    onMessage: (listener) => void port.on('message', listener),
  }
}

function handleOf<Incoming, Outgoing>(worker: Worker): WorkerHandle<Incoming, Outgoing> {
  return {
    post: (message, transfer = []) => worker.postMessage(message, [...transfer] as never),
    onMessage: (listener) => void worker.on('message', listener),
    onEnd: (listener) => {
      worker.on('error', (error) => listener(withAdvice(ENGINE, error)))
      worker.on('exit', (code) => listener(`its worker exited with code ${code}`))
    },
    keepAlive: (yes) => (yes ? worker.ref() : worker.unref()),
    terminate: () => worker.terminate(),
  }
}

async function compile(build: Build): Promise<WebAssembly.Module> {
  const url =
    build === 'mt'
      ? new URL('./mt/tastespace_wasm_bg.wasm', import.meta.url)
      : new URL('./st/tastespace_wasm_bg.wasm', import.meta.url)
  // With the baseline compiler of V8 11, rayon's threads never fall asleep.
  if (build === 'mt' && Number.parseInt(process.versions.v8, 10) < 12) setFlagsFromString('--no-liftoff')
  return WebAssembly.compile(await readFile(url))
}
