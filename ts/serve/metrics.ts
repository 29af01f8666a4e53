import { Counter, Gauge, Histogram, Registry } from 'prom-client'

/** Seconds of the buckets of durations. */
const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
/** Requests of the buckets of batches. */
const REQUESTS = [1, 2, 4, 8, 16, 32, 64, 128, 256]

/** Metrics of a handler, in a registry of its own: several handlers of a process do not mix. */
export class HandlerMetrics {
  readonly #registry = new Registry()
  readonly #requests = this.#counter('requests_total', 'Requests by route and status.', ['route', 'status'])
  readonly #seconds = new Histogram({
    name: 'tastespace_request_seconds',
    help: 'Seconds from the request to its answer, by route.',
    labelNames: ['route'],
    buckets: SECONDS,
    registers: [this.#registry],
  })
  readonly #batches = new Histogram({
    name: 'tastespace_batch_requests',
    help: 'Requests that were answered by one call of the engine.',
    buckets: REQUESTS,
    registers: [this.#registry],
  })
  readonly #queries = this.#counter('queries_total', 'Users, histories, items and pairs that the engine answered.', [])
  readonly #inFlight = this.#gauge('requests_in_flight', 'Requests that are being answered.', [])
  readonly #loaded = this.#gauge('model_loaded_timestamp_seconds', 'When the model was loaded, by its kind.', ['kind'])

  constructor(waiting: () => number) {
    this.#gauge('requests_waiting', 'Calls that wait for the engine.', [], function (this: Gauge) {
      this.set(waiting())
    })
  }

  readonly contentType = this.#registry.contentType

  text(): Promise<string> {
    return this.#registry.metrics()
  }

  /** Counts a request that begins. Returns what counts its end. */
  begin(): (route: string, status: number) => void {
    const start = performance.now()
    this.#inFlight.inc()
    return (route, status) => {
      this.#inFlight.dec()
      this.#requests.inc({ route, status: String(status) })
      this.#seconds.observe({ route }, (performance.now() - start) / 1000)
    }
  }

  batched(requests: number, queries: number): void {
    this.#batches.observe(requests)
    this.#queries.inc(queries)
  }

  loaded(kind: string, at: Date): void {
    this.#loaded.reset()
    this.#loaded.set({ kind }, at.getTime() / 1000)
  }

  #counter<Label extends string>(name: string, help: string, labelNames: Label[]): Counter<Label> {
    return new Counter({ name: `tastespace_${name}`, help, labelNames, registers: [this.#registry] })
  }

  #gauge<Label extends string>(
    name: string,
    help: string,
    labelNames: Label[],
    collect?: (this: Gauge<Label>) => void,
  ): Gauge<Label> {
    return new Gauge({
      name: `tastespace_${name}`,
      help,
      labelNames,
      registers: [this.#registry],
      ...(collect && { collect }),
    })
  }
}
