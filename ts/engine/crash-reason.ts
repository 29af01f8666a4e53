import { reasonOf } from './reason.ts'

/**
 * Memory counters of the WASM module that can be read without allocating. They are its own exports, since the generated
 * bindings refuse calls to a module that trapped.
 */
export interface MemoryCounts {
  memoryLimit(): number
  usedBytes(): number
  /** Size of the last allocation that failed; 0 if none did. */
  refusedBytes(): number
}

/** Why the engine crashed, as a sentence. A trap has no cause of its own; running out of memory can be recognised. */
export function crashReason(thrown: unknown, { memoryLimit, usedBytes, refusedBytes }: MemoryCounts): string {
  const refused = refusedBytes()
  if (!(thrown instanceof WebAssembly.RuntimeError) || refused === 0) return reasonOf(thrown)
  return `out of memory: ${mebibytes(refused)} more were needed, with ${mebibytes(usedBytes())} of at most ${mebibytes(memoryLimit())} in use`
}

function mebibytes(bytes: number): string {
  return `${Math.ceil(bytes / 2 ** 20)} MiB`
}
