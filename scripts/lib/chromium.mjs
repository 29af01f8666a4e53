// Finds a browser for the tests that need one.
import { ask, Failure } from './command.mjs'
import { canInstall, installPackages, updatePackages } from './debian.mjs'

const PROGRAMS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']

/** The path of Chromium or Chrome, installing Debian's where that is allowed. */
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

function onPath() {
  for (const program of PROGRAMS) {
    const path = ask('which', [program])
    if (path) return path
  }
}
