import type { ErrorData } from '../errors.ts'
import type { Build } from './build.ts'
import type { EngineCalls } from './calls.ts'
import type { Diagnostics } from './diagnostics.ts'

// Messages between the client and the engine's worker. The calls are those of `EngineCalls`. One call runs at a time, so
// replies need no numbers.

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
  /** As rayon counts them. */
  readonly threads: number
  /** Bytes that its memory can grow to. */
  readonly memoryLimit: number
  /** The integers that the client shares with a running call; absent without shared memory. */
  readonly control: Control | undefined
  /** A port from each pool worker, which reports its end. */
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
  /** The engine did not start, or it crashed. */
  | { readonly kind: 'crashed'; readonly reason: string }

/** The first and only message to a worker of the pool. */
export interface JoinPool {
  readonly module: WebAssembly.Module
  readonly memory: WebAssembly.Memory
  /** Reports the worker's end to the client, since the engine's thread may be blocked waiting for it. */
  readonly end: MessagePort
}

/** Messages of a pool worker: it runs, and it is about to wait for work. */
export type Joined = 'up' | 'joined'
