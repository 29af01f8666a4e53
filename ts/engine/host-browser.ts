import type { Host } from './host.ts'
import { handleOf, importedFromElsewhere } from './worker-browser.ts'

/** The host on a page's thread. */
export const browserHost: Host = {
  get runtime() {
    return { userAgent: navigator.userAgent }
  },
  hardwareThreads: () => navigator.hardwareConcurrency,
  noThreads,
  noRoomFor: () => undefined,
  startEngine: () =>
    handleOf(
      importedFromElsewhere('engine-browser.mjs') ??
        // Spelt out, because bundlers find the files of workers by this very expression.
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
