// Preloaded into a process and its workers: an engine with as many workers in its pool as the message says loses the first.
import { syncBuiltinESMExports } from 'node:module'
import threads from 'node:worker_threads'

const pool = []

threads.Worker = class extends threads.Worker {
  constructor(...args) {
    super(...args)
    pool.push(this)
  }
}
syncBuiltinESMExports()

if (!threads.isMainThread) {
  const channel = new BroadcastChannel('kill a thread')
  channel.onmessage = ({ data }) => {
    if (data === pool.length) pool[0].terminate()
  }
  channel.unref()
}
