import { TastespaceError } from '../errors.ts'

/** Calls that the engine has at a time: one that it computes, and one that is ready when it is done. */
const CALLS = 2
/** Queries that are answered by one call, and entries of all their lists. */
const MOST_QUERIES = 256
const MOST_ENTRIES = 1_000_000

/** Number of queries that one call answers, with lists of so many entries. */
export function mostQueries(entries: number): number {
  return Math.max(1, Math.min(MOST_QUERIES, Math.floor(MOST_ENTRIES / entries)))
}

/** Answers several queries in one call of the engine. Its answers are those of single calls. */
export type Call<Query, Answer> = (queries: readonly Query[]) => Promise<readonly Answer[]>

interface Job {
  /** Jobs with the same key can be answered together. */
  readonly key: string
  readonly queries: readonly unknown[]
  /** Queries that one call can answer. */
  readonly most: number
  readonly call: Call<unknown, unknown>
  readonly signal: AbortSignal
  readonly done: (answers: readonly unknown[]) => void
  readonly failed: (error: unknown) => void
}

/** What a batcher reports of itself. */
export interface Observer {
  batched(requests: number, queries: number): void
}

/** Queues the calls of requests while the engine is busy, and answers those that agree together. */
export class Batcher {
  #waiting: Job[] = []
  #running = 0

  constructor(
    private readonly mostWaiting: number,
    private readonly observer: Observer,
  ) {}

  /** Number of calls that wait. */
  get waiting(): number {
    return this.#waiting.length
  }

  /**
   * The answers of `call` to queries, perhaps together with those of other requests with the same key. Calls with the same
   * key have to be the same.
   */
  ask<Query, Answer>(
    key: string,
    queries: readonly Query[],
    call: Call<Query, Answer>,
    { signal, entries = 1 }: { readonly signal: AbortSignal; readonly entries?: number },
  ): Promise<readonly Answer[]> {
    if (this.#waiting.length >= this.mostWaiting) {
      const message = `${this.mostWaiting} requests wait already: try again in a second`
      throw new TastespaceError('serve/overloaded', message, { limit: this.mostWaiting })
    }
    return new Promise((resolve, reject) => {
      // Only calls with the same key, hence of the same types, are mixed.
      const done = resolve as Job['done']
      const most = mostQueries(entries)
      this.#waiting.push({ key, queries, most, call: call as Job['call'], signal, done, failed: reject })
      this.#pump()
    })
  }

  #pump(): void {
    while (this.#running < CALLS) {
      const batch = this.#next()
      if (batch.length === 0) return
      this.#running++
      this.#run(batch).finally(() => {
        this.#running--
        this.#pump()
      })
    }
  }

  /** The job that has waited longest, with those that agree with it. Jobs whose clients are gone are dropped. */
  #next(): Job[] {
    const batch: Job[] = []
    const rest: Job[] = []
    let queries = 0
    for (const job of this.#waiting) {
      if (job.signal.aborted) {
        job.failed(job.signal.reason)
        continue
      }
      const [first] = batch
      const fits = first === undefined || (job.key === first.key && queries + job.queries.length <= job.most)
      if (fits) queries += job.queries.length
      ;(fits ? batch : rest).push(job)
    }
    this.#waiting = rest
    return batch
  }

  async #run(batch: readonly Job[]): Promise<void> {
    const [first] = batch
    if (!first) return
    const queries = batch.flatMap((job) => job.queries)
    this.observer.batched(batch.length, queries.length)
    try {
      const answers = await first.call(queries)
      let start = 0
      for (const { queries, done } of batch) {
        done(answers.slice(start, start + queries.length))
        start += queries.length
      }
    } catch (error) {
      if (batch.length === 1) return first.failed(error)
      // One of several requests was refused: each is asked alone, so that the others are answered.
      for (const job of batch) await this.#run([job])
    }
  }
}
