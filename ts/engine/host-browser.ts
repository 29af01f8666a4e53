import type { Host } from './host.ts'
import { handleOf, importedFromElsewhere } from './worker-browser.ts'

/** The host on the thread of a page. */
export const browserHost: Host = {
  get runtime() {
    return { userAgent: navigator.userAgent }
  },
  hardwareThreads: () => navigator.hardwareConcurrency,
  noThreads,
  noRoomFor: () => undefined,
  freeMemory: () => undefined,
  startEngine: () =>
    handleOf(
      importedFromElsewhere('engine-browser.mjs') ??
        // Bundlers recognise this exact expression.
        new Worker(new URL('./engine-browser.mjs', import.meta.url), { type: 'module' }),
    ),
}

function noThreads(): string | undefined {
  if (globalThis.crossOriginIsolated) return undefined
  return (
    'the page is not cross-origin isolated; its server has to send the headers ' +
    'Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp'
  )
}
