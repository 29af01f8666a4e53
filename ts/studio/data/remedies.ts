// What the visitor can do where a file is not read: the library names options of programs, for which the page has forms.
import { TastespaceError } from 'tastespace'
import type { Column, Layout, Unnamed } from './data.ts'

/** More columns than this are not offered one by one. */
const MOST = 100

export const MATRIX = 'Read a row per user and a column per item'

/** The columns to choose from, where the library does not recognise them; none where the error is another. */
export function unnamedIn(error: unknown): Pick<Unnamed, 'columns' | 'matrix'> {
  const none = { columns: [], matrix: undefined }
  if (!(error instanceof TastespaceError)) return none
  const { code, details } = error
  const { found, rows, missing, matrix } = details
  if (code === 'data/missing-column' && Array.isArray(found) && found.length > 1) {
    return { columns: found.map(named), matrix: undefined }
  }
  // A file without a header has numbers for names.
  if (code === 'data/bad-row' && typeof found === 'number' && Array.isArray(rows)) {
    const [first]: unknown[] = rows
    const values = Array.isArray(first) ? first : []
    const columns = Array.from({ length: Math.min(found, MOST) }, (_, index) => numbered(index + 1, values[index]))
    return { columns, matrix: matrix === true ? matrixOf(missing) : undefined }
  }
  return none
}

/** A way to read the file in spite of the error, and the words for it. */
export function remedyFor(error: unknown): { readonly label: string; readonly layout: Layout } | undefined {
  if (!(error instanceof TastespaceError)) return undefined
  if (error.code === 'data/perhaps-wide') return { label: MATRIX, layout: matrixOf(error.details.missing) }
  if (!error.message.includes('badRows: "skip"')) return undefined
  return { label: 'Leave out such rows', layout: { badRows: 'skip' } }
}

/** Whether the text may have another encoding. */
export function isOfEncoding(error: unknown): boolean {
  return error instanceof TastespaceError && (error.code === 'data/bad-encoding' || error.code === 'data/not-text')
}

const matrixOf = (missing: unknown): Layout => ({
  format: 'wide',
  ...(typeof missing === 'number' && { missing: [missing] }),
})

const named = (name: unknown): Column => ({ name: String(name), label: String(name) })

const numbered = (number: number, value: unknown): Column => ({
  name: String(number),
  label: value === undefined ? String(number) : `${number}: ${String(value).slice(0, 40)}`,
})
