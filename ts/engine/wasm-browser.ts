import type { Build } from './build.ts'

/** The URL of a build: in this package, or where a bundler put it. */
export function wasmOf(build: Build): URL {
  // Bundlers recognise these exact expressions.
  return build === 'mt'
    ? new URL('./mt/tastespace_wasm_bg.wasm', import.meta.url)
    : new URL('./st/tastespace_wasm_bg.wasm', import.meta.url)
}
