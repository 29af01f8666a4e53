import { readFileSync } from 'node:fs'
import { brotliCompressSync } from 'node:zlib'
import { expect, test } from 'vitest'

/** What a page downloads, in kilobytes with Brotli: the size at the last change of this number, and a tenth more. */
const LIMIT = 640

test.each(['mt', 'st'])('the %s module is small enough for a page', (build) => {
  const module = readFileSync(new URL(`../../dist/${build}/tastespace_wasm_bg.wasm`, import.meta.url))
  expect(brotliCompressSync(module).length / 1000).toBeLessThan(LIMIT)
})

test('the module that serves alone is small enough for a Worker', () => {
  const module = readFileSync(new URL('../../dist/edge/tastespace_wasm_bg.wasm', import.meta.url))
  expect(brotliCompressSync(module).length / 1000).toBeLessThan(250)
})
