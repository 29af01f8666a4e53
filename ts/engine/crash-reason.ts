import { reasonOf } from './reason.ts'

/**
 * What the WASM module tells of its memory without needing any: its own exports, because what is generated around them
 * makes no calls to a module that trapped.
 */
export interface MemoryCounts {
  memoryLimit(): number
  usedBytes(): number
  /** Of the last request that could not be met; 0 where all were. */
  refusedBytes(): number
}

/** Why the engine broke, in a sentence. A trap says nothing of its cause, of which running out of memory can be told. */
export function crashReason(thrown: unknown, { memoryLimit, usedBytes, refusedBytes }: MemoryCounts): string {
  const refused = refusedBytes()
  if (!(thrown instanceof WebAssembly.RuntimeError) || refused === 0) return reasonOf(thrown)
  return `out of memory: ${mebibytes(refused)} more were needed, with ${mebibytes(usedBytes())} of at most ${mebibytes(memoryLimit())} in use`
}

function mebibytes(bytes: number): string {
  return `${Math.ceil(bytes / 2 ** 20)} MiB`
}
