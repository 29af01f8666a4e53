import {
  type AnyModel,
  createEngine,
  createModel,
  Dataset,
  type Engine,
  KINDS,
  loadModel,
  TastespaceError,
} from 'tastespace'
import { mutated } from './mutate.ts'
import { Random } from './random.ts'
import { texts } from './texts.ts'

/** What a run did. */
export interface Tally {
  /** Calls by name, and how many of them were refused, by code. */
  readonly calls: Map<string, number>
  readonly refused: Map<string, number>
  /** What must never happen, with the seed that brings it back. */
  readonly faults: string[]
}

/** Milliseconds that a call on such small data may take on a busy machine. */
const LIMIT = 30_000
/** Calls in flight. */
const MOST = 5

/**
 * Makes random calls on data sets, models and two engines, without waiting for those before: aborts, disposals and broken files
 * in between. Each call has to end in time, with a result that keeps its promises or with an error of the library.
 */
export async function drive(seed: number, milliseconds: number): Promise<Tally> {
  const tally: Tally = { calls: new Map(), refused: new Map(), faults: [] }
  const until = performance.now() + milliseconds
  // While an engine lives, V8 keeps the compiled code for the next ones.
  const keep = await createEngine({ threads: 1 })
  for (let sequence = 0; performance.now() < until && tally.faults.length === 0; sequence++) {
    await new Sequence(seed + sequence, tally).run(until)
  }
  keep.dispose()
  return tally
}

/** The random calls of one seed, on engines of their own. */
class Sequence {
  readonly #seed: number
  readonly #random: Random
  readonly #tally: Tally
  readonly #engines: Engine[] = []
  readonly #data: Dataset[] = []
  readonly #models: AnyModel[] = []
  readonly #files: Uint8Array[] = []
  readonly #running = new Set<Promise<void>>()

  constructor(seed: number, tally: Tally) {
    this.#seed = seed
    this.#random = new Random(seed)
    this.#tally = tally
  }

  async run(until: number): Promise<void> {
    this.#engines.push(await createEngine({ threads: 1 }), await createEngine({ threads: 2 }))
    for (let step = 0; step < 400 && performance.now() < until && this.#tally.faults.length === 0; step++) {
      this.#start(step)
      if (this.#running.size >= MOST) await Promise.race(this.#running)
    }
    await Promise.all(this.#running)
    for (const engine of this.#engines) {
      if (!engine.alive) this.#fault('an engine broke')
      engine.dispose()
    }
  }

  #fault(text: string): void {
    this.#tally.faults.push(`seed ${this.#seed}: ${text}`)
  }

  #start(step: number): void {
    const [name, call] = this.#random.pick(this.#calls())
    this.#tally.calls.set(name, (this.#tally.calls.get(name) ?? 0) + 1)
    const where = `step ${step}, ${name}`
    const running = limited(call())
      .then((late) => {
        if (late) this.#fault(`${where} took more than ${LIMIT / 1000} s`)
      })
      .catch((error: unknown) => {
        if (error instanceof TastespaceError && error.code !== 'engine/crashed') {
          this.#tally.refused.set(error.code, (this.#tally.refused.get(error.code) ?? 0) + 1)
        } else if (!(error instanceof DOMException && error.name === 'AbortError')) {
          this.#fault(`${where}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
        }
      })
      .finally(() => this.#running.delete(running))
    this.#running.add(running)
  }

  /** The calls that there is something for, the frequent ones more than once. */
  #calls(): [string, () => Promise<unknown>][] {
    const random = this.#random
    const calls: [string, () => Promise<unknown>][] = [
      ['rows', () => this.#rows()],
      ['read', () => this.#read()],
      ['create', () => this.#create()],
    ]
    if (this.#data.length > 0) {
      const data = random.pick(this.#data)
      calls.push(
        ['info', () => data.info()],
        ['split', () => this.#split(data)],
        ['filter', () => data.filter({ core: random.below(4) + 1 }).then((kept) => this.#data.push(kept))],
      )
      if (random.below(10) === 0) calls.push(['dispose data', async () => data.dispose()])
      if (this.#models.length > 0) {
        const model = random.pick(this.#models)
        const rows = this.#dataFor(model) ?? data
        calls.push(
          ['fit', () => this.#fit(model, rows)],
          ['fit', () => this.#fit(model, rows)],
          ['evaluate', () => model.evaluate(rows, { k: [1 + random.below(9)], signal: this.#signal() })],
        )
      }
    }
    if (this.#models.length > 0) {
      const model = random.pick(this.#models)
      calls.push(
        ['recommend', () => this.#recommend(model)],
        ['recommend', () => this.#recommend(model)],
        [
          'recommendFor',
          () =>
            model.recommendFor([{ item: random.pick(texts) }, { item: 'i1', rating: random.below(9) - 2 }], { k: 3 }),
        ],
        [
          'predict',
          () =>
            model.predict([
              ['u1', 'i1'],
              [random.pick(texts), 'i2'],
            ]),
        ],
        ['explain', () => model.explain('u1', random.pick(['i1', 'i2', ...texts]))],
        ['find', () => model.find(random.pick(texts), { near: true })],
        ['toBytes', () => model.toBytes().then((bytes) => this.#files.push(bytes))],
      )
      if ('similarItems' in model) calls.push(['similar', () => model.similarItems('i1', { k: 1 + random.below(5) })])
      if (random.below(10) === 0) calls.push(['dispose model', async () => model.dispose()])
    }
    if (this.#files.length > 0) {
      const file = random.pick(this.#files)
      calls.push(
        ['load', () => this.#load(file)],
        ['load broken', () => this.#load(mutated(file, random))],
        ['load broken', () => this.#load(mutated(file, random))],
      )
    }
    return calls
  }

  #engine(): Engine {
    return this.#random.pick(this.#engines)
  }

  /** In a third of the calls a signal that is aborted soon. */
  #signal(): AbortSignal | undefined {
    if (this.#random.below(3) > 0) return undefined
    const abort = new AbortController()
    setTimeout(() => abort.abort(), this.#random.below(40))
    return abort.signal
  }

  async #rows(): Promise<void> {
    const random = this.#random
    const strange = random.below(4) === 0
    const id = (letter: string, count: number) => (strange ? random.pick(texts) : `${letter}${random.below(count)}`)
    const rows = Array.from({ length: random.below(60) }, () => ({
      user: id('u', 12),
      item: id('i', 9),
      rating: 1 + random.below(5),
      time: 1e9 + random.below(1e6),
    }))
    this.#data.push(await Dataset.fromRows(rows, { engine: this.#engine() }))
  }

  async #read(): Promise<void> {
    const random = this.#random
    const lines = Array.from({ length: 1 + random.below(30) }, () =>
      [random.pick(texts), `i${random.below(9)}`, random.below(6), 1e9 + random.below(1e6)].join(
        random.pick([',', ',', '\t', '::', ';']),
      ),
    )
    const text = `${random.pick(['user,item,rating,time\n', '', '{"user":"a","item":"b"}\n', '%%MatrixMarket\n'])}${lines.join('\n')}`
    const bytes = new TextEncoder().encode(text)
    this.#data.push(
      await Dataset.fromBytes(random.below(2) === 0 ? bytes : mutated(bytes, random), { engine: this.#engine() }),
    )
  }

  async #create(): Promise<void> {
    const kind = this.#random.pick(KINDS)
    const small = ['pop', 'bias', 'ease', 'item-knn'].includes(kind)
      ? {}
      : kind === 'glocal-k'
        ? { hidden: [4, 4] }
        : { factors: 4 }
    const model = await createModel(kind, small, { engine: this.#engine() })
    this.#models.push(model)
    // Most models that people ask are fitted.
    const data = this.#dataFor(model)
    if (data && this.#random.below(5) > 0) await this.#fit(model, data)
  }

  /** Data of the model's engine, or now and then any. */
  #dataFor(model: AnyModel): Dataset | undefined {
    const own = this.#random.below(20) === 0 ? this.#data : this.#data.filter(({ engine }) => engine === model.engine)
    return own.length > 0 ? this.#random.pick(own) : undefined
  }

  async #split(data: Dataset): Promise<void> {
    const by = this.#random.pick([
      'random:0.2',
      'leave-one-out',
      'time:0.3',
      'user:0.5',
      'kfold:3',
      'per-user:0.5,0.2,0.3',
    ] as const)
    const parts = await data.split(by)
    this.#data.push(parts.train, ...(parts.test ? [parts.test] : []))
  }

  async #fit(model: AnyModel, data: Dataset): Promise<void> {
    const signal = this.#signal()
    const options = { epochs: 1 + this.#random.below(6), seed: this.#random.below(3), ...(signal && { signal }) }
    if (this.#random.below(3) === 0) await model.continueFit(data, options)
    else await model.fit(data, options)
  }

  async #recommend(model: AnyModel): Promise<void> {
    const k = 1 + this.#random.below(6)
    const users = ['u1', 'u2', this.#random.pick(texts)]
    const lists = await model.recommend(users, { k, unknown: this.#random.pick(['skip', 'skip', 'error']) })
    if (lists.length !== users.length) this.#fault(`recommend gave ${lists.length} lists for ${users.length} users`)
    for (const list of lists) {
      const scores = list.map(({ score }) => score)
      if (list.length > k) this.#fault(`recommend gave ${list.length} items for k = ${k}`)
      if (scores.some((score, place) => !(score <= (scores[place - 1] ?? Number.POSITIVE_INFINITY))))
        this.#fault(`scores are not in order: ${scores}`)
      if (new Set(list.map(({ item }) => item)).size < list.length) {
        this.#fault(`an item is twice in a list of ${model.kind}: ${JSON.stringify(list)}`)
      }
    }
  }

  async #load(bytes: Uint8Array): Promise<void> {
    this.#models.push(await loadModel(bytes, { engine: this.#engine() }))
  }
}

/** Resolves with whether the call took too long. */
async function limited(call: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<true>((resolve) => {
    timer = setTimeout(() => resolve(true), LIMIT)
  })
  try {
    return await Promise.race([late, call.then(() => false)])
  } finally {
    clearTimeout(timer)
  }
}
