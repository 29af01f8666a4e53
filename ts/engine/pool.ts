import type { Channel } from './host.ts'
import * as wasm from './mt/tastespace_wasm.js'
import type { Joined, JoinPool } from './protocol.ts'
import { reasonOf } from './reason.ts'

/** Makes this worker one thread of the pool that the parent's message describes. */
export function joinPool(channel: Channel<JoinPool, Joined>): void {
  channel.onMessage(({ module, memory, end }) => {
    wasm.initSync({ module, memory })
    channel.post('joined')
    try {
      wasm.poolWork()
    } catch (error) {
      // A trap. The engine's thread waits for this one inside a call and hears nothing any more; the client does.
      end.postMessage(reasonOf(error))
    }
  })
}
