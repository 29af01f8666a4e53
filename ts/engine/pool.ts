import { crashReason } from './crash-reason.ts'
import type { Channel } from './host.ts'
import * as wasm from './mt/tastespace_wasm.js'
import type { Joined, JoinPool } from './protocol.ts'

/** Makes this worker one thread of the pool that the parent's message describes. */
export function joinPool(channel: Channel<JoinPool, Joined>): void {
  channel.post('up')
  channel.onMessage(({ module, memory, end }) => {
    const counts = wasm.initSync({ module, memory })
    channel.post('joined')
    try {
      wasm.poolWork()
    } catch (error) {
      // A trap. The engine's thread is waiting for this one inside a call, so the client is notified instead.
      end.postMessage(crashReason(error, counts))
    }
  })
}
