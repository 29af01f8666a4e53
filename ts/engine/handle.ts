import { TastespaceError } from '../errors.ts'
import type { Handle } from './engine.ts'
import type { RemoteEngine } from './remote.ts'

/** Frees what was never disposed of, once nobody can reach it any more. The net, not the plan. */
const forgotten = new FinalizationRegistry<{ engine: RemoteEngine; handle: Handle }>(({ engine, handle }) =>
  free(engine, handle),
)

function free(engine: RemoteEngine, handle: Handle): void {
  // The only way this fails is that the engine is gone, and then so is what the handle held.
  if (engine.alive) engine.call('dispose', handle).catch(() => {})
}

/** Something that lives in an engine: a data set or a model. */
export abstract class Held {
  /** The engine that it lives in. */
  readonly engine: RemoteEngine
  /** For `using`: the same as `dispose`. */
  declare readonly [Symbol.dispose]: () => void
  #handle: Handle | undefined

  protected constructor(engine: RemoteEngine, handle: Handle) {
    this.engine = engine
    this.#handle = handle
    forgotten.register(this, { engine, handle }, this)
  }

  /** What the engine calls it. @internal */
  get handle(): Handle {
    if (this.#handle === undefined) {
      throw new TastespaceError(
        'disposed',
        `this ${this.constructor.name} was disposed: nothing more can be asked of it`,
      )
    }
    return this.#handle
  }

  /** Frees the old handle and stands for another from now on. */
  protected become(handle: Handle): void {
    this.dispose()
    this.#handle = handle
    forgotten.register(this, { engine: this.engine, handle }, this)
  }

  /** Frees its memory in the engine. A second time does nothing; what was made from it lives on. */
  dispose(): void {
    if (this.#handle === undefined) return
    forgotten.unregister(this)
    free(this.engine, this.#handle)
    this.#handle = undefined
  }
}

// Node before 20.4 and some browsers have no such symbol; `using` is then not to be had either.
if (Symbol.dispose) {
  Object.defineProperty(Held.prototype, Symbol.dispose, {
    value(this: Held) {
      this.dispose()
    },
  })
}

/** Refuses data that lives in another engine than the model. */
export function sameEngine(a: Held, b: Held): void {
  if (a.engine !== b.engine) {
    throw new TastespaceError(
      'engine/mismatch',
      `the ${a.constructor.name} and the ${b.constructor.name} live in different engines: make both with the same { engine }`,
    )
  }
}
