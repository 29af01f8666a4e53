// Preloaded into a process: SIGUSR2 ends the engine's worker that was started last.
import { syncBuiltinESMExports } from 'node:module'
import threads from 'node:worker_threads'

if (threads.isMainThread) {
  let last
  threads.Worker = class extends threads.Worker {
    constructor(...args) {
      super(...args)
      last = this
    }
  }
  syncBuiltinESMExports()
  process.on('SIGUSR2', () => last?.terminate())
}
