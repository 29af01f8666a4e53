import { messageOf, TastespaceError } from '../../errors.ts'

/**
 * The error of a package that users install only for one purpose and that could not be loaded. The `import()` stands in a try
 * block, where bundlers accept that the package is not installed.
 */
export function missingPackage(error: unknown, packages: readonly string[], purpose: string): TastespaceError {
  const install = `npm install ${packages.join(' ')}`
  const reason = messageOf(error)
  const message = `${purpose} needs ${packages.join(' and ')}: ${install} (loading failed: ${reason})`
  return new TastespaceError('package/missing', message, { packages, install, reason })
}
