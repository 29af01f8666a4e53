// The module for Spark in Node: requests and answers as frames (crates/shard/src/frame.rs).
import { readFileSync } from 'node:fs'

const compiled = new WebAssembly.Module(
  readFileSync(new URL('../../python/src/tastespace_spark/tastespace_shard.wasm', import.meta.url)),
)

interface Exports {
  memory: WebAssembly.Memory
  tastespace_alloc(bytes: number): number
  tastespace_call(at: number, bytes: number): number
  tastespace_free(answer: number): void
  tastespace_panic(): number
}

type Json = Record<string, unknown>
type Numbers = Uint8Array | Uint32Array | Float32Array | Float64Array

/** The error that a call answers. */
export class ShardError extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message)
  }
}

const round = (bytes: number) => Math.ceil(bytes / 8) * 8

/** An instance of the module, as a task of Spark has one. */
export class Shard {
  readonly #exports = new WebAssembly.Instance(compiled, {}).exports as unknown as Exports

  static get imports(): number {
    return WebAssembly.Module.imports(compiled).length
  }

  /** Performs a call, with arrays; returns the answer and its arrays, as bytes. */
  call(request: Json, parts: readonly Numbers[] = []): { json: Json; parts: Uint8Array[] } {
    const json = new TextEncoder().encode(JSON.stringify(request))
    const pieces = [json, ...parts.map((part) => new Uint8Array(part.buffer, part.byteOffset, part.byteLength))]
    const head = new Uint32Array([json.length, parts.length, ...parts.map((part) => part.byteLength)])
    const starts: number[] = []
    let bytes = head.byteLength
    for (const piece of pieces) {
      starts.push(round(bytes))
      bytes = round(bytes) + piece.length
    }
    const at = this.#exports.tastespace_alloc(bytes)
    const memory = new Uint8Array(this.#exports.memory.buffer, at, bytes)
    memory.set(new Uint8Array(head.buffer))
    for (const [index, piece] of pieces.entries()) memory.set(piece, starts[index])
    return this.#read(this.#exports.tastespace_call(at, bytes))
  }

  #read(answer: number): { json: Json; parts: Uint8Array[] } {
    const view = new DataView(this.#exports.memory.buffer)
    const word = (at: number) => view.getUint32(at, true)
    const [status, frame] = [word(answer), word(answer + 4)]
    const [length, count] = [word(frame), word(frame + 4)]
    let at = frame + 4 * (2 + count)
    const take = (bytes: number) => {
      const start = frame + round(at - frame)
      at = start + bytes
      return new Uint8Array(view.buffer).slice(start, at)
    }
    const json = JSON.parse(new TextDecoder().decode(take(length)))
    const parts = Array.from({ length: count }, (_, part) => take(word(frame + 8 + 4 * part)))
    this.#exports.tastespace_free(answer)
    if (status !== 0) throw new ShardError(json.code, json.message)
    return { json, parts }
  }
}

export const floats = (bytes: Uint8Array | undefined) => new Float32Array((bytes ?? new Uint8Array()).slice().buffer)
export const indices = (bytes: Uint8Array | undefined) => new Uint32Array((bytes ?? new Uint8Array()).slice().buffer)
