// Installs Debian's packages, if possible.
import { ask, work } from './command.mjs'

/** Whether this is Debian, or a relative, and we are root. */
export function canInstall() {
  return process.getuid?.() === 0 && ask('apt-get', ['--version']) !== undefined
}

export function updatePackages() {
  return aptGet('Updating the list of Debian packages', 'update')
}

export function installPackages(...names) {
  return aptGet(`Installing ${names.join(', ')}`, 'install', '-y', '--no-install-recommends', ...names)
}

function aptGet(title, ...args) {
  return work(title, 'apt-get', args, { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } })
}
