import { badArgument } from '../arguments.ts'
import type { Id } from '../data/ids.ts'
import { edgeEngine } from '../engine/edge-engine.ts'
import { Resource } from '../engine/handle.ts'
import type { Embeddings, ScoredItem, ScoredUser, SimilarOptions } from '../models/answers.ts'
import { KINDS, type Kind } from '../models/generated/names.ts'
import { embeddings, similarItems, similarUsers } from '../models/queries.ts'
import { ServingModel } from '../models/serving.ts'
import { isBytes } from '../realm.ts'

/** The bytes of a model file: as they are, or as a stream of them, such as the body of a response or of an object in R2. */
export type ModelBytes = Uint8Array | ArrayBuffer | ReadableStream<Uint8Array>

/**
 * A trained model of any kind, which answers on the calling thread. A question that its kind has no answer to is refused with
 * the code `model/unsupported`.
 *
 * @example
 * const model = await loadModel(bytes, wasm)
 * const best = await model.recommendFor([{ item: 'matrix' }], { k: 5 })
 */
export class EdgeModel extends ServingModel {
  /** @internal */
  static of(resource: Resource, kind: Kind): EdgeModel {
    return new EdgeModel(resource, kind)
  }

  readonly kind: Kind

  private constructor(resource: object, kind: Kind) {
    super(resource)
    this.kind = kind
  }

  /**
   * The most similar items, most similar first: a list for each of several items, or one list for one item.
   *
   * @example
   * const neighbours = await model.similarItems('matrix', { k: 5 })
   *
   * @throws `model/unknown-item`, `model/unsupported`, `config/…`
   */
  similarItems(items: readonly Id[], options?: SimilarOptions): Promise<ScoredItem[][]>
  similarItems(item: Id, options?: SimilarOptions): Promise<ScoredItem[]>
  async similarItems(items: Id | readonly Id[], options: SimilarOptions = {}): Promise<ScoredItem[] | ScoredItem[][]> {
    return similarItems(this, items, options)
  }

  /**
   * The most similar users, most similar first: a list for each of several users, or one list for one user.
   *
   * @example
   * const neighbours = await model.similarUsers('alice', { k: 5 })
   *
   * @throws `model/unknown-user`, `model/unsupported`, `config/…`
   */
  similarUsers(users: readonly Id[], options?: SimilarOptions): Promise<ScoredUser[][]>
  similarUsers(user: Id, options?: SimilarOptions): Promise<ScoredUser[]>
  async similarUsers(users: Id | readonly Id[], options: SimilarOptions = {}): Promise<ScoredUser[] | ScoredUser[][]> {
    return similarUsers(this, users, options)
  }

  /**
   * The embeddings of the items, as a copy.
   *
   * @example
   * const { ids, vectors, dimension } = await model.itemVectors()
   *
   * @throws `model/unsupported`
   */
  itemVectors(): Promise<Embeddings> {
    return embeddings(this, 'items')
  }
}

/**
 * Loads a model that `save` or `toBytes` wrote, to serve on the calling thread. `wasm` is the module `tastespace/edge.wasm`, which a
 * Worker imports; elsewhere it is compiled from the file's bytes. The module of the first call serves all models.
 *
 * @example
 * import wasm from 'tastespace/edge.wasm'
 * import { loadModel } from 'tastespace/edge'
 *
 * const model = await loadModel(await env.MODELS.get('model', 'arrayBuffer'), wasm)
 *
 * @throws `config/bad-argument`, `engine/not-started`, `file/corrupt`, `file/newer-version`, `memory/too-large`
 */
export async function loadModel(source: ModelBytes, wasm: WebAssembly.Module): Promise<EdgeModel> {
  if (Object.prototype.toString.call(wasm) !== '[object WebAssembly.Module]') {
    const expected =
      "a WebAssembly.Module: import wasm from 'tastespace/edge.wasm' in a Worker, elsewhere WebAssembly.compile() of the bytes of that file"
    throw badArgument('loadModel', 'wasm', wasm, expected)
  }
  const bytes = await bytesOf(source)
  const engine = edgeEngine(wasm)
  const resource = new Resource(engine, await engine.call('load', 'the model file', bytes))
  const { kind }: { kind: string } = JSON.parse(await engine.call('info', resource.handle))
  const known = KINDS.find((one) => one === kind)
  if (known) return EdgeModel.of(resource, known)
  throw badArgument('loadModel', 'source', kind, 'a model of a kind that this version of the package knows')
}

async function bytesOf(source: ModelBytes): Promise<Uint8Array> {
  if (isBytes(source)) return source
  if (isBuffer(source)) return new Uint8Array(source)
  if (source instanceof ReadableStream && !source.locked)
    return new Uint8Array(await new Response(source).arrayBuffer())
  throw badArgument(
    'loadModel',
    'source',
    source,
    'the bytes of a model file, or a stream of them that is not being read',
  )
}

function isBuffer(value: unknown): value is ArrayBuffer {
  return Object.prototype.toString.call(value) === '[object ArrayBuffer]'
}
