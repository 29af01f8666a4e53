import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { TastespaceError } from '../index.ts'
import { fileError } from '../platform/file-errors-node.ts'
import { errorCode } from '../realm.ts'

/** Makes a folder, and those above it, unless it is there. Returns its path. */
export async function makeFolder(folder: string | URL): Promise<string> {
  const path = folder instanceof URL ? fileURLToPath(folder) : folder
  try {
    await mkdir(path, { recursive: true })
  } catch (error) {
    if (errorCode(error) === 'EEXIST') {
      const message = `${path} is a file, and a folder is needed: give another name`
      throw new TastespaceError('file/not-folder', message, { file: path })
    }
    throw fileError(error, path, 'written')
  }
  return path
}

/** The path of a file in a folder. */
export const fileIn = join
