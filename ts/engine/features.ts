// Features of WebAssembly, detected by trying.

/** The least memory that a threaded engine starts with, in pages; the build's own minimum is below it. */
const INITIAL_PAGES = 256

const PAGE = 65_536

/**
 * Shared memory with the largest maximum to be had, and that maximum in bytes. It is only reserved, but under a limit on
 * address space even that can fail: then smaller ones are tried, down to 512 MiB. Undefined where there is none at all.
 *
 * V8 without its trap handler keeps less than it says: three quarters, half, or the initial pages alone, which growing by
 * a page brings to light. What the first two lack, the engine finds when it makes room for something large.
 */
export function sharedMemory(): { memory: WebAssembly.Memory; limit: number } | undefined {
  for (let maximum = 65_536; maximum >= 8_192; maximum /= 2) {
    try {
      const memory = new WebAssembly.Memory({ initial: INITIAL_PAGES, maximum, shared: true })
      memory.grow(1)
      return { memory, limit: maximum * PAGE }
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
    }
  }
  return undefined
}

/** Whether the 128-bit vector instructions are known, which both builds use: a module with one of them is valid. */
export function hasSimd(): boolean {
  // (func (result v128) i32.const 0, i8x16.splat, i8x16.popcnt)
  // biome-ignore format: one section a line
  const module = [
    0, 97, 115, 109, 1, 0, 0, 0,
    1, 5, 1, 96, 0, 1, 123,
    3, 2, 1, 0,
    10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11,
  ]
  return WebAssembly.validate(new Uint8Array(module))
}
