import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { fileError } from '../platform/file-errors-node.ts'

/** Makes a folder, and those above it, unless it is there. Returns its path. */
export async function makeFolder(folder: string | URL): Promise<string> {
  const path = folder instanceof URL ? fileURLToPath(folder) : folder
  try {
    await mkdir(path, { recursive: true })
  } catch (error) {
    throw fileError(error, path, 'written')
  }
  return path
}

/** The path of a file in a folder. */
export const fileIn = join
