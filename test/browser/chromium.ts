import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll } from 'vitest'
import { launch } from '../../scripts/lib/chromium.mjs'

/** Starts one browser for the tests of a file; returns a function that opens a page in it. */
export function useChromium(): () => Promise<Page> {
  let browser: Browser
  beforeAll(async () => {
    browser = await launch()
  })
  afterAll(() => browser.close())
  return () => browser.newPage()
}
