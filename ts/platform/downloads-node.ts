import { copyFile, mkdir, rename, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { basename, isAbsolute, join } from 'node:path'
import type { Chosen, DownloadOptions, FetchedData } from '../data/fetch/types.ts'
import { TastespaceError } from '../errors.ts'
import { download } from './download-node.ts'
import { fileError } from './file-errors-node.ts'
import type { Downloads } from './platform.ts'
import { aside } from './temporary-node.ts'
import { unzip } from './unzip-node.ts'

export const nodeDownloads: Downloads = { fetch: fetchChosen }

async function fetchChosen(chosen: Chosen, options: DownloadOptions): Promise<FetchedData> {
  const { publication } = chosen
  const { url, ratings, items } = publication
  const folder = join(options.dir ?? '.', chosen.folder)
  const result = {
    name: chosen.name,
    folder,
    ratings: join(folder, ratings),
    items: items === undefined ? null : join(folder, items),
    publication,
  }
  const archive = url.endsWith('.zip')
  const there = await Promise.all([result.ratings, ...(result.items === null ? [] : [result.items])].map(isFile))
  if (there.every(Boolean)) return { ...result, verified: null, from: 'folder' }
  if (archive && (await stat(folder).catch(() => undefined))) throw inUse(folder, ratings)

  const path = join(options.cache ?? cacheFolder(), chosen.folder, basename(new URL(url).pathname))
  const { signal, onProgress } = options
  const { verified, cached } = await download({ url, md5: publication.md5, path, page: publication.page }, options)
  const progress = (bytes: number, total: number) =>
    onProgress?.({ step: 'unpack', file: basename(path), bytes, total, resumed: 0 })
  try {
    if (archive) {
      await mkdir(options.dir ?? '.', { recursive: true })
      await aside(folder, async (temporary) => {
        await mkdir(temporary)
        await unzip(path, temporary, signal, progress)
        if (!(await isFile(join(temporary, ratings)))) throw lacks(path, ratings)
        await rename(temporary, folder)
      })
    } else {
      await mkdir(folder, { recursive: true })
      await aside(result.ratings, async (temporary) => {
        await copyFile(path, temporary)
        await rename(temporary, result.ratings)
      })
    }
  } catch (error) {
    throw fileError(error, folder, 'written')
  }
  return { ...result, verified, from: cached ? 'cache' : 'publisher' }
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (stats) => stats.isFile(),
    () => false,
  )
}

/** The folder of caches that the XDG specification names; a relative path in its variable is to be ignored. */
function cacheFolder(): string {
  const { XDG_CACHE_HOME: chosen } = process.env
  return join(chosen !== undefined && isAbsolute(chosen) ? chosen : join(homedir(), '.cache'), 'tastespace', 'data')
}

function inUse(folder: string, file: string): TastespaceError {
  const message = `the folder ${folder} is there and has no ${file}: remove it, or choose another folder to put it in`
  return new TastespaceError('fetch/folder-in-use', message, { folder, file })
}

function lacks(archive: string, file: string): TastespaceError {
  const message = `${archive} has no file ${file}: its publisher has changed it`
  return new TastespaceError('fetch/bad-archive', message, { file: archive, missing: file })
}
