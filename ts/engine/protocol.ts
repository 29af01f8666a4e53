import type { ErrorData } from '../errors.ts'
import type { Build } from './build.ts'
import type { EngineCalls } from './calls.ts'
import type { Diagnostics } from './diagnostics.ts'

// What the client and the engine's worker say to each other. The calls are those of `EngineCalls`, declared there and nowhere
// else. One call is under way at a time, so a reply needs no number to tell which call it answers.

/** Everything the engine answers. */
export type Calls = EngineCalls & Diagnostics
export type CallName = keyof Calls

/** The first message to the engine's worker. */
export interface Start {
  readonly build: Build
  readonly threads: number
}

/** A call by its name. */
export type Call = { [Name in CallName]: { readonly call: Name; readonly args: Parameters<Calls[Name]> } }[CallName]

/** The answer to Start. */
export interface Started {
  readonly kind: 'started'
  /** As rayon has them, not as they were asked for. */
  readonly threads: number
  /** Bytes that its memory can grow to. */
  readonly memoryLimit: number
  /** The integers that the client shares with a running call; absent without shared memory. */
  readonly control: Control | undefined
  /** One from each worker of the pool: brings news of its end. */
  readonly pool: readonly MessagePort[]
}

/** Where the integers of `crates/wasm/src/control.rs` lie. */
export interface Control {
  readonly memory: WebAssembly.Memory
  readonly cancelAddress: number
  readonly progressAddress: number
}

/** What comes back from the engine's worker. */
export type Reply =
  | Started
  | { readonly kind: 'returned'; readonly value: unknown }
  /** The call was refused; the engine is well. */
  | { readonly kind: 'threw'; readonly error: ErrorData }
  /** The engine could not start, or is beyond repair. */
  | { readonly kind: 'crashed'; readonly reason: string }

/** The first and only message to a worker of the pool. */
export interface JoinPool {
  readonly module: WebAssembly.Module
  readonly memory: WebAssembly.Memory
  /** Tells the client of the worker's end; the engine's thread would be too busy waiting for it to notice. */
  readonly end: MessagePort
}

/** What a worker of the pool says: once it runs, and once it is about to wait for work. */
export type Joined = 'up' | 'joined'
