import type { Batcher } from './batcher.ts'
import type { Settings } from './options.ts'
import type { Served } from './served.ts'

/** What a request is answered with. */
export interface Context {
  readonly served: Served
  readonly batcher: Batcher
  readonly settings: Settings
  /** Aborted when the time of the request is over, or its client is gone. */
  readonly signal: AbortSignal
}
