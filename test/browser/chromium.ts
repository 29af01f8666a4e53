import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll } from 'vitest'
import { launch } from '../../scripts/lib/chromium.mjs'

/** Gives the tests of a file one browser; returns what opens a page in it. */
export function useChromium(): () => Promise<Page> {
  let browser: Browser
  beforeAll(async () => {
    browser = await launch()
  })
  afterAll(() => browser.close())
  return () => browser.newPage()
}
