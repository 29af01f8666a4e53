import { useSignal } from '@preact/signals'
import { readHistory } from 'tastespace'
import type { Files } from '../data/data.ts'
import { shown } from '../errors.ts'
import { state } from '../state.ts'
import { layoutOf } from '../take/recipe.ts'
import { addHistory } from '../you/list.ts'
import { type Entry, entriesOf, fileOf, headOf, mayBeData } from './archive.ts'
import { type Choice, choiceOf } from './choice.ts'
import { load } from './load.ts'

/** Takes files: one of interactions, with it or later one of titles, or a person's own export. */
export function DropZone() {
  const over = useSignal(false)
  const take = (list: FileList | null) => {
    const files = [...(list ?? [])]
    void shown(() => open(files))
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: a place to drop files; the field in it does the same by keyboard
    <div
      class={over.value ? 'drop over' : 'drop'}
      onDragOver={(event) => {
        event.preventDefault()
        over.value = true
      }}
      onDragLeave={() => {
        over.value = false
      }}
      onDrop={(event) => {
        event.preventDefault()
        over.value = false
        const folder = folderIn(event.dataTransfer)
        if (folder === undefined) return take(event.dataTransfer?.files ?? null)
        state.problem.value = {
          code: 'studio/folder',
          message: `${folder} is a folder: drop the files in it, one of ratings or clicks and one of titles`,
          details: { folder },
        }
      }}
    >
      <p>
        <label class="file primary">
          Choose files
          <input
            type="file"
            multiple
            onChange={(event) => {
              take(event.currentTarget.files)
              event.currentTarget.value = ''
            }}
          />
        </label>{' '}
        or drop them here.{' '}
        <button type="button" onClick={() => void load(undefined)}>
          Use invented films
        </button>
      </p>
      <p class="hint">
        CSV, TSV, JSON, Parquet, Arrow, MatrixMarket, lists, zip and gzip, with or without ratings. A second file may
        have titles and genres: <code>movies.csv</code>. Your own export of Letterboxd, Goodreads, IMDb, Netflix, Trakt,
        Spotify or Last.fm opens in “You”.
      </p>
    </div>
  )
}

/** The name of a folder among what is dropped, which browsers hand over as a file that cannot be read. */
function folderIn(dropped: DataTransfer | null): string | undefined {
  const entries = [...(dropped?.items ?? [])].map((item) => item.webkitGetAsEntry())
  return entries.find((entry) => entry?.isDirectory)?.name
}

async function open(files: readonly File[]): Promise<void> {
  const [first] = files
  if (!first) return
  if (files.length === 1 && state.data.value && (await isOwnExport(first))) return
  const recipe = state.recipe.value
  const before = state.data.value?.files
  // The titles that a link waits for.
  if (files.length === 1 && before && first.name === recipe?.titles) return load({ ...before, items: first })
  const entries = files.length === 1 && /\.zip$/i.test(first.name) ? await entriesOf(first) : undefined
  if (entries && (entries.length > 1 || !entries.every(mayBeData))) return openArchive(first.name, entries)
  const heads = await Promise.all(files.map((file) => file.slice(0, 2000).text()))
  await openFiles(files, choiceOf(files, heads))
}

/** Takes the file of interactions and that of titles from an archive of several files. */
async function openArchive(archive: string, entries: readonly Entry[]): Promise<void> {
  const usable = entries.filter(mayBeData)
  if (usable.length === 0) {
    const names = entries.map(({ name }) => name)
    const found =
      names.length === 0 ? 'no file' : `${names.slice(0, 5).join(', ')}${names.length > 5 ? ' and more' : ''}`
    throw new Error(
      `${archive} has ${found}, and no file of ratings or clicks; in an archive, CSV, TSV, JSON, MatrixMarket and text files are read`,
    )
  }
  const { ratings, titles } = choiceOf(usable, await Promise.all(usable.map(headOf)))
  const unread = entries.filter((entry) => entry !== ratings && entry !== titles)
  const files = { ratings: ratings && (await fileOf(ratings)), titles: titles && (await fileOf(titles)), unread }
  const taken = [files.ratings, files.titles].filter((file) => file !== undefined)
  await openFiles(taken, files)
}

async function openFiles(files: readonly File[], { ratings, titles, unread }: Choice<{ readonly name: string }, File>) {
  const [first] = files
  if (!first) return
  const recipe = state.recipe.value
  const before = state.data.value?.files
  // Titles alone belong to the data that is there.
  if (!ratings && titles && before) return load({ ...before, items: titles })
  if (!ratings && titles) {
    state.problem.value = {
      code: 'studio/titles-alone',
      message: `${titles.name} looks like a file of titles: choose it together with the file of ratings or clicks`,
      details: { file: titles.name },
      remedy: {
        label: 'Read it as ratings or clicks',
        apply: () => void load({ ratings: titles, ratingsName: titles.name }),
      },
    }
    return
  }
  const chosen = ratings ?? first
  const taken: Files = {
    ratings: chosen,
    ratingsName: chosen.name,
    ...(ratings && titles && { items: titles }),
    unread: unread.map(({ name }) => name),
    // The file that a link asked for is read as its sender read it.
    ...(recipe?.file === chosen.name && layoutOf(recipe)),
  }
  await load(taken)
}

/** Whether the file is an export of a service, which then is the visitor's own list. */
async function isOwnExport(file: File): Promise<boolean> {
  if (file.size > 20e6 || !/\.(csv|json|txt|zip)$/i.test(file.name)) return false
  const history = await readHistory(file, { name: file.name }).catch(() => undefined)
  if (!history || history.service === 'table' || history.service === 'list') return false
  state.unnamed.value = undefined
  await addHistory(history)
  state.tab.value = 'you'
  return true
}
