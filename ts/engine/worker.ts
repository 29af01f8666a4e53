import { TastespaceError } from '../errors.ts'
import { DirectEngine } from './direct.ts'
import type { Channel, EngineHost } from './host.ts'
import type { Call, Reply, Start } from './protocol.ts'
import { reasonOf } from './reason.ts'

/** Serves an engine to the client: the first message starts it, every further one is a call. */
export function serveEngine(host: EngineHost, channel: Channel<Start | Call, Reply>): void {
  let engine: DirectEngine | undefined
  channel.onMessage(async (message) => {
    try {
      if ('build' in message) {
        engine = await DirectEngine.start(message, host)
        const { threads, memoryLimit, control, pool } = engine
        channel.post({ kind: 'started', threads, memoryLimit, control, pool }, pool)
      } else {
        if (!engine) throw new Error('a call came before the engine had started')
        const value = engine.call(message)
        channel.post({ kind: 'returned', value }, buffersIn(value))
      }
    } catch (error) {
      if (error instanceof TastespaceError) channel.post({ kind: 'threw', error: error.toJSON() })
      else channel.post({ kind: 'crashed', reason: reasonOf(error) })
    }
  })
}

/** The buffers of a result. They are copies of the engine's memory and can be transferred. */
function buffersIn(value: unknown): ArrayBufferLike[] {
  if (ArrayBuffer.isView(value)) return [value.buffer]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(buffersIn) : []
}
