import type { Build } from './build.ts'

/** Where a build lies: in this package, or where a bundler has put it. */
export function wasmOf(build: Build): URL {
  // Spelt out for each, because bundlers find the files by these very expressions.
  return build === 'mt'
    ? new URL('./mt/tastespace_wasm_bg.wasm', import.meta.url)
    : new URL('./st/tastespace_wasm_bg.wasm', import.meta.url)
}
