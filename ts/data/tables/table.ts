import { checkKeys, jsonText, keysOf } from '../../arguments.ts'
import type { Resource } from '../../engine/handle.ts'
import { TastespaceError } from '../../errors.ts'
import { engineOf } from '../../platform/platform.ts'
import { checkNames, filled, READ_KEYS, type ReadOptions, ROW_KEYS, type RowOptions } from '../read.ts'
import type { Roles, Table } from './types.ts'

/** How a table with typed columns is read: Parquet, Arrow or a query. */
export interface TableOptions extends RowOptions, Pick<ReadOptions, 'name'> {
  /**
   * Names of the columns. `none` as the rating or the time leaves that column out. Default: the columns with usual names, such as
   * `userId`, `item_id`, `stars` and `timestamp`.
   */
  readonly columns?: ReadOptions['columns']
  /** Called as the table is read, with the number of bytes read so far; of a query, the number of rows. */
  readonly onProgress?: ((read: number) => void) | undefined
}

const TABLE_KEYS = [
  ...keysOf<Omit<TableOptions, keyof RowOptions>>({ columns: true, name: true, onProgress: true }),
  ...ROW_KEYS,
]

/** Refuses options of text files for a table: they would have no effect. */
export function checkTableKeys(where: string, format: 'parquet' | 'arrow', options: ReadOptions): void {
  for (const [key, value] of Object.entries(options)) {
    if (value === undefined || TABLE_KEYS.includes(key) || !READ_KEYS.includes(key)) continue
    const kind = format === 'parquet' ? 'a Parquet' : 'an Arrow'
    const message = `${where}: the option '${key}' is for text, and this is ${kind} file: leave it out; the options for it are ${TABLE_KEYS.join(', ')}`
    throw new TastespaceError('config/unknown-key', message, { kind: where, key, accepted: TABLE_KEYS })
  }
}

/** The data set of a table, which is closed in any case. */
export async function fromTable(where: string, open: () => Promise<Table>, options: TableOptions): Promise<Resource> {
  checkNames(where, checkKeys(where, options, TABLE_KEYS))
  const { name, columns, ...rest } = options
  const client = await engineOf(options.engine)
  const table = await open()
  try {
    const file = name ?? table.name
    const names = JSON.stringify(table.columns)
    const roles: Roles = JSON.parse(
      await client.call('columnsOf', names, jsonText(where, { file, columns })).catch((error: unknown) => {
        throw advised(error, table)
      }),
    )
    const { unread, ...named } = roles
    return await filled(
      where,
      'table',
      file,
      { ...rest, columns: named, unread },
      async ({ client, handle }, onProgress) => {
        // The next rows are read while the engine takes the last ones.
        let taken: Promise<void> = Promise.resolve()
        for await (const { rows, read } of table.read(roles)) {
          await taken
          taken = client.call('append', handle, 'rows', rows, '')
          // Reported above or below, not as unhandled meanwhile.
          taken.catch(() => {})
          onProgress?.(read)
        }
        await taken
      },
    )
  } finally {
    await table.close()
  }
}

/** The error of a column that is not found, with the advice of the table. */
function advised(error: unknown, { advice, columns: [found = 'COLUMN'] }: Table): unknown {
  const missing = error instanceof TastespaceError && error.code === 'data/missing-column'
  if (!missing || !advice) return error
  const { code, message, details } = error
  return new TastespaceError(code, `${message}; ${advice(String(details.wanted), found)}`, details)
}
