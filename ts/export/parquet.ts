import { checkPath } from '../arguments.ts'
import { missingPackage } from '../data/tables/missing-package.ts'
import { type Model, type RankingVectors, writeFile } from '../index.ts'
import { contentOf, reportOf } from './content.ts'
import { fileIn, makeFolder } from './folder.ts'
import { checkExport, EXPORT_KEYS, type ExportOptions, type ExportReport } from './options.ts'
import { type Column, type ExportTable, tablesOf } from './tables.ts'

/**
 * Writes a model as Parquet files into a folder: `items.parquet` and `users.parquet` with their vectors as lists of numbers,
 * `seen.parquet`, and `recommend.sql`, the query by which DuckDB returns what `model.recommend` does; or `lists.parquet` for
 * models without ranking vectors. Needs the package hyparquet-writer.
 *
 * @example
 * import { loadModel } from 'tastespace'
 * import { toParquet } from 'tastespace/export'
 *
 * const model = await loadModel('cml.safetensors')
 * await toParquet(model, 'cml')
 *
 * @throws `package/missing`, `model/not-fitted`, `config/…`, `file/…`
 */
export async function toParquet(
  model: Model,
  folder: string | URL,
  options: ExportOptions = {},
): Promise<ExportReport> {
  const checked = checkExport('toParquet', options, EXPORT_KEYS)
  checkPath('toParquet', folder, 'folder')
  const library = await writerLibrary()
  const content = await contentOf('toParquet', model, checked)
  const inside = await makeFolder(folder)
  const files: string[] = []
  for (const table of tablesOf(content, checked)) {
    const path = fileIn(inside, `${table.name}.parquet`)
    await writeFile(path, encoded(table, library))
    files.push(path)
  }
  const title = content.titles.length > 0 ? 'title, ' : ''
  const query = HEAD + (content.vectors ? byVectors(content.vectors, title) : byLists(title))
  const path = fileIn(inside, 'recommend.sql')
  await writeFile(path, query)
  return reportOf(content, [...files, path])
}

type Library = typeof import('hyparquet-writer')
type SchemaElement = ConstructorParameters<Library['ParquetWriter']>[0]['schema'][number]

async function writerLibrary(): Promise<Library> {
  try {
    return await import('hyparquet-writer')
  } catch (error) {
    throw missingPackage(error, ['hyparquet-writer'], 'writing Parquet')
  }
}

const HEAD = '-- For DuckDB, run in this folder; $user is an id and $k the length of the list.\n'

/** A table as the bytes of a Parquet file, a group of rows at a time. */
async function* encoded({ columns, batches }: ExportTable, library: Library): AsyncGenerator<Uint8Array> {
  const writer = new library.ByteWriter()
  const root = { name: 'root', num_children: columns.length } as const
  const parquet = new library.ParquetWriter({ writer, schema: [root, ...columns.flatMap(elements)] })
  const written = () => {
    const bytes = writer.getBytes().slice()
    writer.index = 0
    return bytes
  }
  for await (const batch of batches) {
    const columnData = columns.map(({ name, type }, at) => {
      const values = batch[at] ?? []
      return {
        name,
        data: type === 'vector' ? values.map((vector) => Array.from(vector as Float32Array)) : [...values],
      }
    })
    await parquet.write({ columnData, rowGroupSize: batch[0]?.length ?? 0 })
    yield written()
  }
  await parquet.finish()
  yield written()
}

function elements({ name, type }: Column): SchemaElement[] {
  switch (type) {
    case 'index':
      return [{ name, type: 'INT32', repetition_type: 'REQUIRED' }]
    case 'number':
      return [{ name, type: 'FLOAT', repetition_type: 'REQUIRED' }]
    case 'text':
      return [{ name, type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' }]
    case 'vector':
      return [
        { name, repetition_type: 'REQUIRED', num_children: 1, converted_type: 'LIST' },
        { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
        { name: 'element', type: 'FLOAT', repetition_type: 'REQUIRED' },
      ]
  }
}

function byVectors({ metric, dimension, clip }: RankingVectors, title: string): string {
  const vector = (of: string) => `${of}.v::float[${dimension}]`
  const by = metric === 'distance' ? 'array_distance' : 'array_inner_product'
  const compared = `${by}(${vector('i')}, ${vector('u')})`
  const score = metric === 'distance' ? `-(${compared} ** 2)` : `u.base + ${compared}`
  return `select i.item_id, ${title}${clip ? `least(greatest(${score}, ${clip[0]}), ${clip[1]})` : score} as score
from 'users.parquet' u, 'items.parquet' i
where u.user_id = $user
  -- Without this line, also the items that the user has interacted with.
  and i.index not in (select item_index from 'seen.parquet' s where s.user_index = u.index)
order by score desc, i.index
limit $k;
`
}

function byLists(title: string): string {
  return `select item_id, ${title}score from 'lists.parquet' where user_id = $user and rank <= $k order by rank;
`
}
