import { TastespaceError } from '../errors.ts'
import type { HandlerMetrics as Metrics } from './metrics.ts'

/** Stands for the metrics where there are none: in Workers, each of which would count its own requests only. */
export class HandlerMetrics implements Pick<Metrics, 'begin' | 'batched' | 'loaded' | 'text' | 'contentType'> {
  readonly contentType = 'text/plain; version=0.0.4; charset=utf-8'

  async text(): Promise<string> {
    const message = 'a Worker has no /metrics: each would count its own requests only; use the metrics of its host'
    throw new TastespaceError('serve/unknown-route', message, { path: '/metrics' })
  }

  begin(): () => void {
    return () => {}
  }

  batched(): void {}

  loaded(): void {}
}
