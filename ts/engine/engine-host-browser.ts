import type { Build } from './build.ts'
import type { EngineHost } from './host.ts'
import { wasmOf } from './wasm-browser.ts'
import { handleOf, importedFromElsewhere } from './worker-browser.ts'

/** The host in an engine's worker. */
export const browserEngineHost: EngineHost = {
  compile,
  whereNoRoom: 'close other pages, or use a 64-bit browser',
  startThread: () =>
    handleOf(
      importedFromElsewhere('pool-browser.mjs') ??
        // Bundlers recognise this exact expression.
        new Worker(new URL('./pool-browser.mjs', import.meta.url), { type: 'module' }),
    ),
}

async function compile(build: Build): Promise<WebAssembly.Module> {
  const url = wasmOf(build)
  const response = await fetch(url)
  if (!response.ok) throw new Error(`${url} cannot be loaded: ${response.status} ${response.statusText}`)
  // Streaming compilation requires this content type, which not every server sends.
  if (response.headers.get('content-type') === 'application/wasm') return WebAssembly.compileStreaming(response)
  return WebAssembly.compile(await response.arrayBuffer())
}
