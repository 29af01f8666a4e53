// Features of WebAssembly, detected by trying.

/** Initial memory of a threaded engine, in pages: above the minimum of the build. */
const INITIAL_PAGES = 256

const PAGE = 65_536

/**
 * Shared memory with the largest possible maximum, and that maximum in bytes. The maximum is only reserved, but even that can
 * fail under a limit on address space; then smaller ones are tried, down to 512 MiB. Undefined if none succeeds.
 *
 * V8 without its trap handler reserves less than the maximum: three quarters, half, or only the initial pages. Growing by a
 * page detects the last case; the engine detects the others when it allocates much.
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

/** Whether 128-bit vector instructions are supported, which both builds need: whether a module with one is valid. */
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
