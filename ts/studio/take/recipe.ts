// The content of a link: everything that decides the bits of a model, and the hash of the result.
import { isKind, type Kind } from 'tastespace'
import type { Data, Files, Layout } from '../data/data.ts'
import { epochsOf, type Run } from '../train/run.ts'

export interface Recipe {
  /** The name of the file; undefined for the embedded set. */
  readonly file: string | undefined
  /** SHA-256 of the file. */
  readonly fileHash: string | undefined
  /** The name of the file of titles, which are part of the model; undefined where the sender had none. */
  readonly titles: string | undefined
  readonly columns: Readonly<Record<string, string>> | undefined
  readonly layout: Layout | undefined
  readonly split: string
  readonly kind: Kind
  readonly options: Readonly<Record<string, unknown>>
  readonly seed: number
  readonly epochs: number | undefined
  /** SHA-256 of the model file that the sender had. */
  readonly modelHash: string | undefined
}

export function recipeOf(run: Run, { files, hash, split }: Data): Recipe {
  const { kind, options, seed, hash: modelHash } = run
  return {
    file: files?.ratingsName,
    fileHash: hash,
    titles: files?.items?.name,
    columns: files?.columns,
    layout: files?.layout,
    split,
    kind,
    options,
    seed,
    epochs: epochsOf(run),
    modelHash,
  }
}

/** The address of this page with a recipe in its fragment, which no server sees. */
export function linkTo(recipe: Recipe): string {
  const parameters = new URLSearchParams({ model: recipe.kind, seed: String(recipe.seed), split: recipe.split })
  const add = (name: string, value: string | undefined) => value !== undefined && parameters.set(name, value)
  add('file', recipe.file)
  add('sha256', recipe.fileHash)
  add('titlesFile', recipe.titles)
  add('epochs', recipe.epochs?.toString())
  for (const [name, column] of Object.entries(recipe.columns ?? {})) parameters.set(`column.${name}`, column)
  for (const [name, value] of Object.entries(recipe.layout ?? {})) parameters.set(`read.${name}`, JSON.stringify(value))
  for (const [name, value] of Object.entries(recipe.options)) parameters.set(`set.${name}`, JSON.stringify(value))
  add('result', recipe.modelHash)
  return `${location.origin}${location.pathname}#${parameters}`
}

const LAYOUT = ['badRows', 'encoding', 'format', 'missing'] as const satisfies (keyof Layout)[]

/** The recipe in a fragment; undefined where there is none. */
export function recipeFrom(fragment: string): Recipe | undefined {
  const parameters = new URLSearchParams(fragment.replace(/^#/, ''))
  const kind = parameters.get('model')
  if (!isKind(kind)) return undefined
  const starting = (prefix: string) =>
    [...parameters]
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, value]) => [name.slice(prefix.length), value] as const)
  const values = (prefix: string) => Object.fromEntries(starting(prefix).map(([name, value]) => [name, parsed(value)]))
  const columns = starting('column.')
  const reading = values('read.')
  // Of the options of reading only these: a link must not name other files.
  const layout: Layout = Object.fromEntries(LAYOUT.flatMap((name) => (name in reading ? [[name, reading[name]]] : [])))
  const epochs = parameters.get('epochs')
  return {
    file: parameters.get('file') ?? undefined,
    fileHash: parameters.get('sha256') ?? undefined,
    titles: parameters.get('titlesFile') ?? undefined,
    columns: columns.length > 0 ? Object.fromEntries(columns) : undefined,
    split: parameters.get('split') ?? 'leave-one-out',
    kind,
    layout: Object.keys(layout).length > 0 ? layout : undefined,
    options: values('set.'),
    // The library refuses what is no number.
    seed: Number(parameters.get('seed') ?? 0),
    epochs: epochs === null ? undefined : Number(epochs),
    modelHash: parameters.get('result') ?? undefined,
  }
}

/** The library checks options; a value that is no JSON stays a text for it to refuse. */
function parsed(value: string): unknown {
  try {
    return JSON.parse(value)
  } catch {
    return value
  }
}

/** How the file of a recipe is read. */
export function layoutOf({ columns, layout }: Recipe): Pick<Files, 'columns' | 'layout'> {
  return { ...(columns && { columns }), ...(layout && { layout }) }
}

/** Whether a run is what the link asked for. */
export function isOf(recipe: Recipe, run: Run): boolean {
  return (
    run.kind === recipe.kind &&
    run.seed === recipe.seed &&
    run.epochs === recipe.epochs &&
    JSON.stringify(run.options) === JSON.stringify(recipe.options)
  )
}

/** Whether the data is that of the recipe: undefined where it cannot be told. */
export function isData(recipe: Recipe, { files, hash }: Pick<Data, 'files' | 'hash'>): boolean | undefined {
  if (!recipe.file) return files === undefined
  if (!files) return false
  if (!recipe.fileHash || !hash) return recipe.file === files.ratingsName ? undefined : false
  return recipe.fileHash === hash
}

/** Whether the data lacks the titles that the sender's had: they are part of the model file. */
export function lacksTitles({ titles }: Recipe, { files }: Pick<Data, 'files'>): boolean {
  return titles !== undefined && files !== undefined && files.items === undefined
}
