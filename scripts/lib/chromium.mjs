// Finds and starts a browser for tests and bench.
import { chromium } from 'playwright-core'
import { ask, Failure } from './command.mjs'
import { canInstall, installPackages, updatePackages } from './debian.mjs'

const PROGRAMS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']

/** The path of Chromium or Chrome, installing Debian's if possible. */
export async function pickChromium() {
  const found = process.env.CHROMIUM || onPath()
  if (found) return found
  if (canInstall()) {
    await updatePackages()
    await installPackages('chromium')
    const installed = onPath()
    if (installed) return installed
  }
  throw new Failure(
    'The tests in a browser need Chromium or Chrome: `apt-get install chromium` as root, or CHROMIUM=its/path.',
  )
}

/** Starts Chromium without a window: the one named by CHROMIUM, which `npm test` sets, or the one found. */
export async function launch() {
  return chromium.launch({
    executablePath: await pickChromium(),
    args: [
      // The sandbox refuses root, which containers run as, and test machines have no graphics.
      '--no-sandbox',
      '--disable-gpu',
      // Fetch nothing but the page under test.
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--disable-quic',
      '--no-first-run',
    ],
  })
}

function onPath() {
  for (const program of PROGRAMS) {
    const path = ask('which', [program])
    if (path) return path
  }
}
