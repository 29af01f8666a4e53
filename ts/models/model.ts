import type { Dataset } from '../data/dataset.ts'
import { type Id, idText, packIds, unpackTexts } from '../data/ids.ts'
import type { Handle, Ranked } from '../engine/engine.ts'
import { Held, sameEngine } from '../engine/handle.ts'
import type { RemoteEngine } from '../engine/remote.ts'
import { TastespaceError } from '../errors.ts'
import { type EvaluateOptions, type Metrics, type PerUserMetrics, perUser } from '../evaluation/metrics.ts'
import { files } from '../platform/platform.ts'
import { describe } from './describe.ts'
import { checkFitOptions, type EpochReport, type FitOptions, type FitReport } from './fit.ts'
import { carve } from './validation-split.ts'

/** An item and what the model makes of it. */
export interface Scored {
  readonly item: string
  /** The larger, the better: a predicted rating, or a similarity. */
  readonly score: number
  /** Where the data came with titles. */
  readonly title?: string
}

/** How items are recommended. */
export interface RecommendOptions {
  /** Items for each user, at least 1. Default 10. */
  readonly k?: number
  /** What to leave out: what the user had in training, nothing, or these items and no others. Default `seen`. */
  readonly exclude?: 'seen' | 'none' | readonly Id[]
  /** Items that nobody is to get, whatever `exclude` says: sold out, say. Default none. */
  readonly filter?: readonly Id[]
  /** Items to choose from: the same for all, or a list for each user. Default all items. */
  readonly candidates?: readonly Id[] | readonly (readonly Id[])[]
}

/** How similar items are looked for. */
export interface SimilarOptions {
  /** Items for each item, at least 1. Default 10. */
  readonly k?: number
}

/** A user and how near they are. */
export interface SimilarUser {
  readonly user: string
  /** The larger, the nearer. */
  readonly score: number
}

/** An item of someone who is not in the model. */
export interface HistoryRow {
  readonly item: Id
  /** Absent, it counts as the highest rating possible. */
  readonly rating?: number
}

/** Why an item has its score for a user. */
export interface Explanation {
  /** Parts that add up to the score before it is clipped, such as mean, biases, the strongest products of factors. */
  readonly parts: readonly { readonly name: string; readonly value: number }[]
  /** What each item that the user had adds to the score, strongest first; empty where a kind cannot tell. */
  readonly items: readonly { readonly item: string; readonly value: number; readonly title?: string }[]
  /** Items that the user had and their distances from this one, nearest first, where a kind has items in a space. */
  readonly nearest: readonly { readonly item: string; readonly distance: number; readonly title?: string }[]
  /**
   * Features that placed an item without training rows, with what the score would lose without each, strongest first; empty
   * for other items.
   */
  readonly features: readonly { readonly name: string; readonly value: number }[]
  /** What the score went by beside, such as a map of attention; empty for most kinds. */
  readonly weights: readonly Weights[]
}

/** A table of the weights that some things give to others. */
export interface Weights {
  /** What they are: `attention` is how much each of a user's last items looks at each, `shares` what comes from each. */
  readonly name: string
  /** Who gives. */
  readonly rows: readonly Thing[]
  /** Who is given to. */
  readonly columns: readonly Thing[]
  /** A list of weights for each of `rows`. */
  readonly values: readonly (readonly number[])[]
}

/** What a row or a column of {@link Weights} stands for: an item, or something with a name of its own. */
export interface Thing {
  readonly item?: string
  /** Of an item, where the data came with titles. */
  readonly title?: string
  readonly name?: string
}

/** How slots are read. */
export interface SlotsOptions {
  /** Most items, words and pairs of each slot, at least 1. Default 5. */
  readonly k?: number
}

/** A slot of a model's memory, told by the pairs of training that look at it. */
export interface Slot {
  /** Its number, from 1. */
  readonly slot: number
  /** Its share of the attention of all training pairs, 0 to 1. */
  readonly share: number
  /** Well-known items whose pairs look at it more than others, with their mean attention. Few rows count for little. */
  readonly items: readonly { readonly item: string; readonly value: number; readonly title?: string }[]
  /**
   * Genres and features, of those that a hundredth of all rows have: how many times the usual attention the pairs of such
   * items give it.
   */
  readonly words: readonly { readonly name: string; readonly times: number }[]
  /** The pairs of a user and an item that look at it most, of some of each item, with their attention. */
  readonly pairs: readonly {
    readonly user: string
    readonly item: string
    readonly value: number
    readonly title?: string
  }[]
}

/** A slot as the engine tells it. */
interface ToldSlot {
  readonly slot: number
  readonly share: number
  readonly items: readonly [number, number][]
  readonly words: readonly [string, number][]
  readonly pairs: readonly [number, number, number][]
}

/** How a model is written. */
export interface SaveOptions {
  /** Whether to store who had what, which leaving out what was seen needs. Default true. */
  readonly history?: boolean
}

/** Where users or items lie in the space that a model places both in. */
export interface Placed {
  /** Outside ids. */
  readonly ids: readonly string[]
  /** A vector for each id, one after the other: `(ids, width)`. */
  readonly vectors: Float32Array
  /** Length of a vector. */
  readonly width: number
  /** What each adds to its scores, whoever is on the other side; empty where nothing is added. */
  readonly biases: Float32Array
  /** How two vectors make a score: the smaller their distance (Euclidean) or the larger their inner product, the better. */
  readonly nearness: 'distance' | 'inner-product'
  /** Training rows of each id: what has none lies where nothing was learnt of it. */
  readonly rows: Uint32Array
}

/** A model in short. */
export interface ModelInfo {
  readonly kind: string
  /** Every option with its value. */
  readonly options: Readonly<Record<string, unknown>>
  /** What follows is there once it is fitted. */
  readonly task?: 'rating' | 'ranking'
  readonly users?: number
  readonly items?: number
  readonly range?: readonly [low: number, high: number]
  readonly history?: boolean
  readonly titles?: boolean
  readonly training?: { readonly epochs: number; readonly seed: number; readonly rows: number }
}

/** What a row or a column of {@link Weights} stands for, as the engine tells it. */
interface ThingByNumber {
  readonly item?: number
  readonly name?: string
}

/** An explanation as the engine tells it: items by their numbers. */
interface Explained {
  readonly parts: readonly [string, number][]
  readonly items: readonly [number, number][]
  readonly nearest: readonly [number, number][]
  readonly features: readonly [string, number][]
  readonly weights: readonly {
    readonly name: string
    readonly rows: readonly ThingByNumber[]
    readonly columns: readonly ThingByNumber[]
    readonly values: readonly number[]
  }[]
}

interface Names {
  readonly items: readonly string[]
  readonly titles: readonly string[]
}

/** Options as the engine takes them: ids as text, and a list to exclude as one to filter. */
function asked({ exclude, filter = [], candidates, ...rest }: RecommendOptions): string {
  const listed = typeof exclude === 'object' && exclude !== null ? exclude : undefined
  return JSON.stringify({
    ...rest,
    exclude: listed ? 'none' : exclude,
    filter: [...filter, ...(listed ?? [])].map(idText),
    candidates: candidates?.map((one) => (typeof one === 'object' ? one.map(idText) : idText(one))),
  })
}

/** A model: train it with `fit`, then ask. It keeps nothing of its data sets, which may be disposed of. */
export class Model extends Held {
  /** The name of its kind, such as `biased-mf`. */
  readonly kind: string
  #names: Promise<Names> | undefined

  /** @internal Use the class's `create`, or `loadModel`. */
  constructor(kind: string, engine: RemoteEngine, handle: Handle) {
    super(engine, handle)
    this.kind = kind
  }

  /**
   * Trains from nothing on `train`, forgetting what it learnt before. After every epoch it answers.
   *
   * With neither `epochs` nor `validation` a tenth of the rows, or for a sequential kind each user's last one, is held out to
   * choose the number of epochs, and the model is then trained again on all of them.
   */
  async fit(train: Dataset, options: FitOptions = {}): Promise<FitReport> {
    checkFitOptions(options)
    sameEngine(this, train)
    const { seed = 0, signal } = options
    const carved =
      options.epochs === undefined && options.validation === undefined ? await carve(train, this, seed) : undefined
    try {
      const validation = carved?.validation ?? options.validation
      const first = await this.#train('fit', this.handle, carved?.train ?? train, { ...options, validation })
      const whole = carved ? train : options.refitOn
      if (!whole || first.stopped === 'aborted') return first
      return await this.#refit(whole, first, options)
    } catch (error) {
      if (signal?.aborted) throw signal.reason
      throw error
    } finally {
      this.#names = undefined
      carved?.train.dispose()
      carved?.validation?.dispose()
    }
  }

  /**
   * Goes on from what it learnt, for `epochs` more or until validation no longer improves. `train` may be the old data,
   * with which it goes on as if it had never stopped (but for the moments of adam and adagrad, which start anew), or new
   * data: new users and items join those it knows, and nobody is forgotten.
   */
  async continueFit(train: Dataset, options: Omit<FitOptions, 'refitOn'>): Promise<FitReport> {
    checkFitOptions(options)
    sameEngine(this, train)
    if (options.epochs === undefined && options.validation === undefined) {
      throw new TastespaceError('config/missing', 'continueFit needs epochs, or validation to stop by', {
        key: 'epochs',
      })
    }
    try {
      return await this.#train('continue', this.handle, train, options)
    } finally {
      this.#names = undefined
    }
  }

  /** Trains a fresh model on all rows for the epochs that validation chose; cut short, the first one stays. */
  async #refit(whole: Dataset, first: FitReport, options: FitOptions): Promise<FitReport> {
    sameEngine(this, whole)
    const { options: hyperparameters } = await this.info()
    const handle = await this.engine.call('createModel', this.kind, JSON.stringify(hyperparameters))
    let second: FitReport | undefined
    try {
      second = await this.#train('refit', handle, whole, {
        ...options,
        validation: undefined,
        validationGiven: undefined,
        epochs: first.epochs,
      })
    } catch (error) {
      if (!options.signal?.aborted) throw error
    } finally {
      if (second?.stopped === 'epochs') this.become(handle)
      else if (this.engine.alive) await this.engine.call('dispose', handle)
    }
    const history = [...first.history, ...(second?.history ?? [])]
    const seconds = first.seconds + (second?.seconds ?? 0)
    if (second?.stopped !== 'epochs') return { ...first, history, seconds, stopped: 'aborted' }
    return { ...first, history, seconds, refit: true }
  }

  /** Runs epochs on a handle until they are done, validation no longer improves, or the signal says stop. */
  async #train(
    phase: EpochReport['phase'],
    handle: Handle,
    train: Dataset,
    options: { [Name in keyof FitOptions]: FitOptions[Name] | undefined },
  ): Promise<FitReport> {
    const { seed = 0, validation, validationGiven, patience, metric, signal, onEpoch } = options
    for (const data of [validation, validationGiven]) if (data) sameEngine(this, data)
    const kind = (await describe(this.engine)).models.find((model) => model.kind === this.kind)
    if (!kind) throw new TastespaceError('config/unknown-kind', `the engine has no kind '${this.kind}'`)
    const epochs = options.epochs ?? kind.epochs
    const patient = patience ?? kind.patience
    const started = performance.now()
    const elapsed = () => (performance.now() - started) / 1000
    const history: EpochReport[] = []
    let stopped: FitReport['stopped'] = 'epochs'
    const begin = JSON.stringify({ seed, goOn: phase === 'continue', metric })
    await this.engine.call('beginFit', handle, train.handle, validation?.handle, validationGiven?.handle, begin)
    try {
      while (history.length < epochs) {
        const begun = performance.now()
        const report = JSON.parse(await this.engine.callUntil(signal, 'trainEpoch', handle))
        const seconds = (performance.now() - begun) / 1000
        const epoch: EpochReport = { phase, ...report, validation: report.validation ?? undefined, epochs, seconds }
        history.push(epoch)
        await onEpoch?.(epoch)
        if (validation && epoch.epoch - epoch.bestEpoch >= patient) {
          stopped = 'patience'
          break
        }
      }
    } catch (error) {
      if (!signal?.aborted || history.length === 0) throw error
      stopped = 'aborted'
    } finally {
      if (this.engine.alive) await this.engine.call('endFit', handle)
    }
    const best = history[(history.at(-1)?.bestEpoch ?? 0) - 1]
    return {
      epochs: best?.epoch ?? 0,
      ...(best?.validation && { validation: best.validation }),
      refit: false,
      stopped,
      seconds: elapsed(),
      history,
    }
  }

  /** Thousandths of the running epoch that are done; 0 between epochs and where it cannot be told. */
  get progress(): number {
    return this.engine.progress()
  }

  /** The predicted rating, or the score, of each pair of a user and an item. */
  async predict(pairs: readonly (readonly [user: Id, item: Id])[]): Promise<Float32Array> {
    const users = packIds(pairs.map(([user]) => user))
    const items = packIds(pairs.map(([, item]) => item))
    return this.engine.call('predict', this.handle, users, items)
  }

  /** The best items for each user, best first; of equal scores the item that was numbered first. */
  async recommend(users: readonly Id[], options: RecommendOptions = {}): Promise<Scored[][]> {
    return this.#named(await this.engine.call('recommend', this.handle, packIds(users), asked(options)))
  }

  /** The items nearest to an item, nearest first. */
  async similarItems(item: Id, options: SimilarOptions = {}): Promise<Scored[]> {
    const ranked = await this.engine.call('similarItems', this.handle, packIds([item]), JSON.stringify(options))
    const [similar = []] = await this.#named(ranked)
    return similar
  }

  /** The users nearest to a user, nearest first. */
  async similarUsers(user: Id, options: SimilarOptions = {}): Promise<SimilarUser[]> {
    const users = await this.users()
    const { items, scores } = await this.engine.call(
      'similarUsers',
      this.handle,
      packIds([user]),
      JSON.stringify(options),
    )
    return Array.from(items, (index, place) => ({ user: users[index] ?? '', score: scores[place] ?? 0 }))
  }

  /**
   * The best items for someone whom it has never seen, from what they had: in order, the latest last, for sequential
   * kinds, to which alone it matters.
   */
  async recommendFor(history: readonly HistoryRow[], options: RecommendOptions = {}): Promise<Scored[]> {
    const items = packIds(history.map(({ item }) => item))
    const ratings = Float32Array.from(history, ({ rating }) => rating ?? Number.NaN)
    const ranked = await this.engine.call('recommendFor', this.handle, items, ratings, asked(options))
    const [recommended = []] = await this.#named(ranked)
    return recommended
  }

  /** Why an item has its score for a user. */
  async explain(user: Id, item: Id): Promise<Explanation> {
    const explained: Explained = JSON.parse(await this.engine.call('explain', this.handle, idText(user), idText(item)))
    const named = await this.#naming()
    const thing = ({ item, name }: ThingByNumber): Thing =>
      item === undefined ? { ...(name !== undefined && { name }) } : named(item)
    return {
      parts: explained.parts.map(([name, value]) => ({ name, value })),
      items: explained.items.map(([index, value]) => ({ ...named(index), value })),
      nearest: explained.nearest.map(([index, distance]) => ({ ...named(index), distance })),
      features: explained.features.map(([name, value]) => ({ name, value })),
      weights: explained.weights.map(({ name, rows, columns, values }) => ({
        name,
        rows: rows.map(thing),
        columns: columns.map(thing),
        values: rows.map((_, row) => values.slice(row * columns.length, (row + 1) * columns.length)),
      })),
    }
  }

  /**
   * What its memory is about, slot by slot, those with the most attention first. Kinds without a memory refuse with
   * `model/unsupported`, and so does a model whose file has no history.
   */
  async slots(options: SlotsOptions = {}): Promise<Slot[]> {
    const told: ToldSlot[] = JSON.parse(await this.engine.call('slots', this.handle, JSON.stringify(options)))
    const [users, named] = [await this.users(), await this.#naming()]
    return told.map(({ slot, share, items, words, pairs }) => ({
      slot,
      share,
      items: items.map(([index, value]) => ({ ...named(index), value })),
      words: words.map(([name, times]) => ({ name, times })),
      pairs: pairs.map(([user, index, value]) => ({ user: users[user] ?? '', ...named(index), value })),
    }))
  }

  /** How well it predicts held-out rows. With `perUser` it tells the metrics of each user too, for intervals and tests. */
  async evaluate(test: Dataset, options: EvaluateOptions & { readonly perUser: true }): Promise<PerUserMetrics>
  async evaluate(test: Dataset, options?: EvaluateOptions & { readonly perUser?: false }): Promise<Metrics>
  async evaluate(
    test: Dataset,
    { given, exclude, ...options }: EvaluateOptions = {},
  ): Promise<Metrics | PerUserMetrics> {
    for (const data of [test, given, exclude]) if (data) sameEngine(this, data)
    const [beside, without] = [given?.handle, exclude?.handle]
    const sent = JSON.stringify(options)
    const measured = await this.engine.call('evaluate', this.handle, test.handle, beside, without, sent)
    return options.perUser ? perUser(measured, await test.users()) : JSON.parse(measured.report)
  }

  /** Where the items lie, as a copy. Kinds that place nothing in a space refuse with `model/unsupported`. */
  async itemVectors(): Promise<Placed> {
    return this.#placed('items')
  }

  /** Where the users lie, in the space of the items, as a copy. */
  async userVectors(): Promise<Placed> {
    return this.#placed('users')
  }

  async #placed(of: 'items' | 'users'): Promise<Placed> {
    const { values, ...rest } = await this.engine.call('vectors', this.handle, of)
    return { ids: unpackTexts(await this.engine.call('ids', this.handle, of)), vectors: values, ...rest }
  }

  /** Kind, options, sizes, and how it was trained. */
  async info(): Promise<ModelInfo> {
    return JSON.parse(await this.engine.call('info', this.handle))
  }

  /** The outside ids of the users it knows, in the order of the engine's numbers. */
  async users(): Promise<string[]> {
    return unpackTexts(await this.engine.call('ids', this.handle, 'users'))
  }

  /** The outside ids of the items it knows, in the order of the engine's numbers. */
  async items(): Promise<string[]> {
    return [...(await this.#itemNames()).items]
  }

  /** The items' titles, in the order of `items()`, empty for those without one; none at all if it knows no titles. */
  async titles(): Promise<string[]> {
    return [...(await this.#itemNames()).titles]
  }

  /** The model as the bytes of a safetensors file. */
  async toBytes(options: SaveOptions = {}): Promise<Uint8Array> {
    return this.engine.call('save', this.handle, JSON.stringify(options))
  }

  /** Writes it to a safetensors file, whole or not at all. */
  async save(path: string | URL, options: SaveOptions = {}): Promise<void> {
    await files().write(path, await this.toBytes(options))
  }

  /** Ranked items by their outside ids and titles. */
  async #named({ items, scores, ends }: Ranked): Promise<Scored[][]> {
    const named = await this.#naming()
    let from = 0
    return Array.from(ends, (end) => {
      const query = Array.from(items.subarray(from, end), (item, place): Scored => {
        return { ...named(item), score: scores[from + place] ?? 0 }
      })
      from = end
      return query
    })
  }

  /** Tells the outside id and the title of an item by its number. */
  async #naming(): Promise<(index: number) => { item: string; title?: string }> {
    const { items, titles } = await this.#itemNames()
    return (index) => {
      const title = titles[index]
      return { item: items[index] ?? '', ...(title && { title }) }
    }
  }

  /** Asked for once: they stay as long as what was learnt does. */
  #itemNames(): Promise<Names> {
    this.#names ??= (async () => {
      const items = unpackTexts(await this.engine.call('ids', this.handle, 'items'))
      return { items, titles: unpackTexts(await this.engine.call('titles', this.handle)) }
    })()
    return this.#names
  }
}
