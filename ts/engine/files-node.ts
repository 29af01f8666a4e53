import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { reasonOf } from './reason.ts'

/**
 * Where to find a file that the program starts at run time, if it is not in the folder of this file. A bundler that puts the
 * package into one file leaves the others out: then a folder `tastespace` next to the bundle is searched, and the installed
 * package. Undefined if the file is in the folder of this one, or nowhere.
 */
export function foundFor(file: string): URL | undefined {
  const here = bundleURL()
  if (here === undefined) return installedNear(pathToFileURL(`${process.cwd()}/`), file)
  if (existsSync(inFolderOf(here, file))) return undefined
  const copied = inFolderOf(here, `tastespace/${file}`)
  if (existsSync(copied)) return copied
  return installedNear(here, file) ?? installedNear(pathToFileURL(`${process.cwd()}/`), file)
}

/** The address of a file in the folder of another. `new URL(file, other)` would make bundlers include the whole folder. */
function inFolderOf(other: URL, file: string): URL {
  return new URL(other.href.replace(/[^/]*$/, file))
}

/** The address of this file, or of the bundle that it is in. A bundle for `require` has none. */
function bundleURL(): URL | undefined {
  try {
    if (import.meta.url) return new URL(import.meta.url)
  } catch {
    // Not an address.
  }
  return typeof __filename === 'string' ? pathToFileURL(__filename) : undefined
}

declare const __filename: unknown

function installedNear(from: URL, file: string): URL | undefined {
  try {
    const folder = pathToFileURL(createRequire(from).resolve('tastespace/package.json'))
    const url = inFolderOf(folder, `dist/${file}`)
    return existsSync(url) ? url : undefined
  } catch {
    return undefined
  }
}

/** Why a worker did not start, with what to do where its file was left out of a bundle. */
export function withAdvice(file: string, error: unknown): string {
  const reason = reasonOf(error)
  const leftOut = error instanceof TypeError || (reason.includes('Cannot find module') && reason.includes(file))
  if (!leftOut) return reason
  const here = bundleURL()
  const place = here?.protocol === 'file:' ? `there is no ${file} next to the bundle ${fileURLToPath(here)}` : reason
  return (
    `${place}: leave tastespace out of the bundle (esbuild --external:tastespace, external of Rollup, externals of webpack, ` +
    "serverExternalPackages: ['tastespace'] of Next), or copy node_modules/tastespace/dist to a folder tastespace next to it"
  )
}
