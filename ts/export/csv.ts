import { checkPath } from '../arguments.ts'
import { type Model, writeFile } from '../index.ts'
import { csvField } from '../report/csv.ts'
import { contentOf, decimal, reportOf } from './content.ts'
import { fileIn, makeFolder } from './folder.ts'
import { checkExport, EXPORT_KEYS, type ExportOptions, type ExportReport } from './options.ts'
import { pieces } from './pieces.ts'
import { type Batch, type ExportTable, tablesOf } from './tables.ts'

/**
 * Writes a model as CSV files into a folder: `items.csv` and `users.csv` with the columns `v0`, `v1`, … of their vectors, and
 * `seen.csv`; or `lists.csv` for models without ranking vectors. The score of an item is the user's `base` plus the inner
 * product of both vectors, or minus their squared distance, as the report's `by` says.
 *
 * @example
 * import { loadModel } from 'tastespace'
 * import { toCSV } from 'tastespace/export'
 *
 * const model = await loadModel('cml.safetensors')
 * const { by, files } = await toCSV(model, 'cml')
 *
 * @throws `model/not-fitted`, `config/…`, `file/…`
 */
export async function toCSV(model: Model, folder: string | URL, options: ExportOptions = {}): Promise<ExportReport> {
  const checked = checkExport('toCSV', options, EXPORT_KEYS)
  checkPath('toCSV', folder, 'folder')
  const content = await contentOf('toCSV', model, checked)
  const inside = await makeFolder(folder)
  const files: string[] = []
  for (const table of tablesOf(content, checked)) {
    const path = fileIn(inside, `${table.name}.csv`)
    await writeFile(path, pieces(lines(table, content.vectors?.dimension ?? 0)))
    files.push(path)
  }
  return reportOf(content, files)
}

async function* lines({ columns, batches }: ExportTable, dimension: number): AsyncGenerator<string> {
  const names = columns.flatMap(({ name, type }) =>
    type === 'vector' ? Array.from({ length: dimension }, (_, at) => `v${at}`) : [name],
  )
  yield `${names.join()}\n`
  for await (const batch of batches) {
    for (const row of (batch[0] ?? []).keys()) yield `${columns.map((_, column) => field(batch, column, row)).join()}\n`
  }
}

function field(batch: Batch, column: number, row: number): string {
  const value = batch[column]?.[row] ?? null
  if (value === null) return ''
  if (typeof value === 'number') return decimal(value)
  return typeof value === 'string' ? csvField(value) : Array.from(value, decimal).join()
}
