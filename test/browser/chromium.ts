import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll } from 'vitest'

/** Gives the tests of a file one browser; returns what opens a page in it. */
export function useChromium(): () => Promise<Page> {
  let browser: Browser
  beforeAll(async () => {
    browser = await launch()
  })
  afterAll(() => browser.close())
  return () => browser.newPage()
}

/** Starts Chromium: the one that CHROMIUM names, which `npm test` sets, or Debian's. */
function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      // Its sandbox refuses root, as whom containers run, and machines for tests have no graphics.
      '--no-sandbox',
      '--disable-gpu',
      // Nothing but the page under test is to be fetched.
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--disable-quic',
      '--no-first-run',
    ],
  })
}
