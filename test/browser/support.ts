import type { Page } from 'playwright-core'
import type { EngineOptions } from 'tastespace'
import { type ServeOptions, serve } from '../../scripts/lib/server.mjs'
import type { EngineClient } from '../../ts/engine/client.ts'
import { useChromium } from './chromium.ts'

declare global {
  interface Window {
    /** The library, in pages under test. */
    tastespace: Omit<typeof import('tastespace'), 'createEngine'> & {
      /** Typed with the internal methods of an engine. */
      createEngine(options?: EngineOptions): Promise<EngineClient>
    }
  }
}

export const root = new URL('../../', import.meta.url)

const openPage = useChromium()

export interface PageOptions extends ServeOptions {
  /** Another origin to load the library from. */
  readonly from?: string
  /** The page, by its name. Default: `page`. */
  readonly page?: string
}

/** Runs `use` with a page that has loaded the library as `window.tastespace`. */
export async function withPage(
  { from, page: name = 'page', ...options }: PageOptions,
  use: (page: Page) => Promise<void>,
): Promise<void> {
  const site = await serve(root, options)
  const page = await openPage()
  try {
    await page.goto(`${site.origin}/test/browser/${name}.html${from ? `?from=${from}` : ''}`)
    await page.waitForFunction(() => 'tastespace' in window)
    await use(page)
  } finally {
    await page.close()
    await site.close()
  }
}
