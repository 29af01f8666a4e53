import { type Browser, chromium } from 'playwright-core'

/** Starts Chromium: the one that CHROMIUM names, which `npm test` sets, or Debian's. */
export function launchChromium(): Promise<Browser> {
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
