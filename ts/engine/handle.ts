import { badArgument } from '../arguments.ts'
import { TastespaceError } from '../errors.ts'
import type { Handle } from './calls.ts'
import type { Engine } from './engine.ts'
import type { CallName, Calls } from './protocol.ts'

/** A call that can be cancelled. */
type Cancellable = <Name extends CallName>(
  signal: AbortSignal | undefined,
  name: Name,
  ...args: Parameters<Calls[Name]>
) => Promise<ReturnType<Calls[Name]>>

/** An engine as its objects call it, in a worker or on this thread. */
export interface Client extends Engine {
  /** Sends a call of the engine and resolves with what it returns. */
  call<Name extends CallName>(name: Name, ...args: Parameters<Calls[Name]>): Promise<ReturnType<Calls[Name]>>
  /** A call that a signal can cancel: once it runs, it returns early. */
  readonly callUntil: Cancellable
  /** The same, but it rejects with the signal's reason at once: nobody needs its answer. */
  readonly callWhile: Cancellable
}

/** An engine and the handle of an object in it. */
export class Resource {
  constructor(
    readonly client: Client,
    readonly handle: Handle,
  ) {}

  /** Frees it. This only fails if the engine is gone, together with its memory. */
  free(): void {
    if (this.client.alive) this.client.call('dispose', this.handle).catch(() => {})
  }
}

/** Frees objects that were never disposed of, after their garbage collection: a safety net, which some hosts lack. */
const forgotten =
  typeof FinalizationRegistry === 'undefined'
    ? undefined
    : new FinalizationRegistry<Resource>((resource) => resource.free())

/** The resource of an object, or the error that it was disposed of. */
export let resourceOf: (object: EngineObject) => Resource

/** Frees the resource of an object and gives it another. */
export let replaceResource: (object: EngineObject, resource: Resource) => void

/** A data set or a model, which lives in an engine. */
export abstract class EngineObject {
  /** The engine that it lives in. */
  readonly engine: Engine
  /** For `using`: the same as `dispose`. */
  declare readonly [Symbol.dispose]: () => void
  #resource: Resource | undefined

  /** Objects are made by the static methods of their classes. */
  protected constructor(resource: object) {
    if (!(resource instanceof Resource)) {
      throw badArgument(new.target.name, 'resource', resource, `what ${new.target.name}'s static methods make of it`)
    }
    this.engine = resource.client
    this.#resource = resource
    forgotten?.register(this, resource, this)
  }

  static {
    resourceOf = (object) => {
      if (object.#resource) return object.#resource
      throw new TastespaceError('disposed', `this ${object.constructor.name} was disposed of and can no longer be used`)
    }
    replaceResource = (object, resource) => {
      object.#free()
      object.#resource = resource
      forgotten?.register(object, resource, object)
    }
  }

  /** Frees its memory in the engine. A second call does nothing. What was made from it stays valid. */
  dispose(): void {
    this.#free()
  }

  #free(): void {
    if (!this.#resource) return
    forgotten?.unregister(this)
    this.#resource.free()
    this.#resource = undefined
  }
}

// Node before 20.4 and some browsers lack the symbol; they have no `using` either.
if (Symbol.dispose) {
  Object.defineProperty(EngineObject.prototype, Symbol.dispose, {
    value(this: EngineObject) {
      this.dispose()
    },
  })
}

/** The arguments of a call after its handle. */
type Rest<Name extends keyof Calls> = Parameters<Calls[Name]> extends [Handle, ...infer Others] ? Others : never

/** Names of the calls that begin with a handle. */
type HandleCall = {
  [Name in keyof Calls]: Calls[Name] extends (handle: Handle, ...rest: never) => unknown ? Name : never
}[keyof Calls]

/** A call about an object. */
export function ask<Name extends HandleCall>(
  object: EngineObject,
  name: Name,
  ...rest: Rest<Name>
): Promise<ReturnType<Calls[Name]>> {
  const { client, handle } = resourceOf(object)
  return client.call(name, ...([handle, ...rest] as unknown as Parameters<Calls[Name]>))
}

/** Refuses objects that live in different engines. */
export function checkSameEngine(a: EngineObject, b: EngineObject): void {
  if (a.engine === b.engine) return
  const message = `the ${a.constructor.name} and the ${b.constructor.name} live in different engines: make both with the same { engine }`
  throw new TastespaceError('engine/mismatch', message)
}
