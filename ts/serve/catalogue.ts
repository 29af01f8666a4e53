import { TastespaceError } from '../errors.ts'
import { clipped } from './issues.ts'
import type { ServableModel } from './model.ts'
import type { ItemRow } from './options.ts'

/** Values of items in one field: their genres, their features, or a column of the table of items. */
interface Field {
  /** The values of each item, by index. */
  readonly of: readonly (readonly string[])[]
  /** The items of each value, made when they are first needed. */
  byValue?: ReadonlyMap<string, readonly number[]>
}

const NO_VALUES: readonly string[] = []

/** Items of a model: ids, titles, popularity, and the fields by which they are filtered. */
export class Catalogue {
  /** Made when it is first needed. */
  #indices: ReadonlyMap<string, number> | undefined
  #byPopularity: Uint32Array | undefined

  private constructor(
    readonly ids: readonly string[],
    readonly titles: readonly string[],
    /** Number of training interactions of each item. */
    readonly rows: Uint32Array,
    readonly fields: ReadonlyMap<string, Field>,
  ) {}

  static async of(model: ServableModel, table: Iterable<ItemRow>): Promise<Catalogue> {
    const ids = await model.itemIds()
    const fields = new Map<string, Field>()
    const [genres, features] = [await model.genres(), await model.features()]
    if (genres.some(({ length }) => length > 0)) fields.set('genres', { of: genres })
    if (features.some(({ length }) => length > 0)) fields.set('features', { of: features })
    const catalogue = new Catalogue(ids, await model.itemTitles(), await model.itemRows(), fields)
    for (const [name, of] of columnsOf(table, catalogue)) {
      if (fields.has(name)) {
        const message = `createHandler: items has a column '${name}', and the model has ${name}: give the column another name`
        throw new TastespaceError('config/conflict', message, { column: name })
      }
      fields.set(name, { of })
    }
    return catalogue
  }

  indexOf(id: string): number | undefined {
    this.#indices ??= new Map(this.ids.map((id, index) => [id, index]))
    return this.#indices.get(id)
  }

  item(index: number): { item: string; title?: string } {
    const title = this.titles[index]
    return { item: this.ids[index] ?? '', ...(title && { title }) }
  }

  /** The values of an item in all fields. */
  valuesOf(index: number): Record<string, string[]> {
    const values = [...this.fields].map(([name, { of }]): [string, string[]] => [name, [...(of[index] ?? NO_VALUES)]])
    return Object.fromEntries(values.filter(([, { length }]) => length > 0))
  }

  /** The items with a value, by index. */
  withValue(name: string, value: string): readonly number[] {
    const field = this.fields.get(name)
    if (!field) throw this.#unknownField(name)
    field.byValue ??= byValue(field)
    return field.byValue.get(value) ?? []
  }

  /** All items, those with the most training interactions first, equal ones by index. */
  get byPopularity(): Uint32Array {
    if (!this.#byPopularity) {
      // One number for each item, since numbers are sorted much faster than by a comparison.
      const count = this.rows.length
      const keys = Float64Array.from(this.rows, (rows, index) => index - rows * count).sort()
      this.#byPopularity = Uint32Array.from(keys, (key) => ((key % count) + count) % count)
    }
    return this.#byPopularity
  }

  #unknownField(name: string): TastespaceError {
    const accepted = [...this.fields.keys()]
    const list = accepted.length > 0 ? accepted.join(', ') : 'nothing: its items have no genres, features or columns'
    const message = `items have no '${clipped(name)}': they can be filtered and boosted by ${list}`
    return new TastespaceError('serve/unknown-field', message, { field: clipped(name), accepted })
  }
}

/** The items of each value of a field. */
function byValue({ of }: Field): ReadonlyMap<string, readonly number[]> {
  const lists = new Map<string, number[]>()
  of.forEach((values, index) => {
    for (const value of values) {
      const list = lists.get(value)
      if (list === undefined) lists.set(value, [index])
      else if (list.at(-1) !== index) list.push(index)
    }
  })
  return lists
}

/** The columns of a table of items: values by index of the item. */
function columnsOf(table: Iterable<ItemRow>, catalogue: Catalogue): ReadonlyMap<string, readonly string[][]> {
  const columns = new Map<string, string[][]>()
  let line = 0
  for (const row of table) {
    const { id, ...rest } = checkedRow(row, line++)
    const index = catalogue.indexOf(String(id))
    if (index === undefined) continue
    for (const [name, value] of Object.entries(rest)) {
      if (value === null || value === undefined) continue
      const column = columns.get(name) ?? catalogue.ids.map(() => [])
      columns.set(name, column)
      column[index] = (Array.isArray(value) ? value : [value]).map((one) => textOf(one, name, line - 1))
    }
  }
  return columns
}

function checkedRow(row: ItemRow, line: number): ItemRow {
  const given: unknown = typeof row === 'object' && row !== null ? row.id : undefined
  if (typeof given === 'string' || typeof given === 'bigint' || Number.isFinite(given)) return row
  const message = `createHandler: items[${line}] has no id; expected rows { id, …columns } with an id that is text or a number`
  throw new TastespaceError('config/bad-argument', message, { row: line })
}

function textOf(value: unknown, name: string, line: number): string {
  if (['string', 'number', 'boolean', 'bigint'].includes(typeof value)) return String(value)
  const message = `createHandler: items[${line}].${name} is ${typeof value}; expected text, a number, true, false or an array of them`
  throw new TastespaceError('config/bad-argument', message, { row: line, column: name })
}
