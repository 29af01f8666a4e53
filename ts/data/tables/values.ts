// Columns of a table as the engine takes them.
import type { Ids, Rows, Texts } from '../../engine/calls.ts'
import { TastespaceError } from '../../errors.ts'
import { ROLES, type Role } from '../columns.ts'
import { packIds } from '../ids.ts'
import type { Roles } from './types.ts'

/** What the values of a column are. `integer` has at most 64 bits with a sign, `large-integer` any number of bits. */
export type Kind = 'integer' | 'large-integer' | 'number' | 'boolean' | 'text' | 'time' | 'other'

const ACCEPTED: Readonly<Record<Role, readonly Kind[]>> = {
  user: ['integer', 'large-integer', 'number', 'text'],
  item: ['integer', 'large-integer', 'number', 'text'],
  rating: ['integer', 'large-integer', 'number', 'boolean'],
  time: ['integer', 'large-integer', 'number', 'time'],
}

const IN_WORDS: Readonly<Record<Role, string>> = {
  user: 'integers, numbers or texts',
  item: 'integers, numbers or texts',
  rating: 'numbers or booleans',
  time: 'numbers of seconds, timestamps or dates',
}

/** A column that is read. */
export interface TableColumn {
  readonly role: Role
  readonly column: string
  readonly kind: Kind
}

/** The columns of a table that are read, with their kinds. Refuses a column whose kind has no meaning for its role. */
export function columnsIn(
  file: string,
  roles: Roles,
  typeOf: (column: string) => { readonly kind: Kind; readonly type: string },
): TableColumn[] {
  return ROLES.flatMap((role) => {
    const column = roles[role]
    if (column === undefined) return []
    const { kind, type } = typeOf(column)
    if (ACCEPTED[role].includes(kind)) return [{ role, column, kind }]
    const without = role === 'user' || role === 'item' ? '' : `, leave it out by --columns ${role}=none`
    const message =
      `${file}, column "${column}": its type is ${type}, and a ${role} column has ${IN_WORDS[role]}; ` +
      `name another column by --columns ${role}=NAME${without}, or convert it by a query (fromSQL, --sql)`
    throw new TastespaceError('data/bad-column', message, { file, column, wanted: role, type })
  })
}

/** Rows of columns by role. */
export function rowsOf(
  ids: { readonly user?: Ids; readonly item?: Ids },
  numbers: { readonly rating?: Float32Array; readonly time?: Float64Array },
  nulls: Pick<Rows, 'nulls'>,
): Rows {
  const none: Texts = { bytes: new Uint8Array(), ends: new Uint32Array() }
  return {
    users: ids.user ?? none,
    items: ids.item ?? none,
    ratings: numbers.rating ?? new Float32Array(),
    times: numbers.time ?? new Float64Array(),
    ...nulls,
  }
}

/** Ids that are numbers or large integers, as texts. The text of NaN is empty, which the engine refuses. */
export function idsOfNumbers(values: ArrayLike<unknown>): Ids {
  const texts = Array.from(values, (value) =>
    typeof value === 'bigint' || (typeof value === 'number' && Number.isFinite(value)) ? String(value) : '',
  )
  return packIds('table', 'ids', texts)
}

/** Values as numbers in `numbers`, which is returned; booleans are 1 and 0. Nulls are marked. */
export function fillNumbers<Numbers extends Float32Array | Float64Array>(
  numbers: Numbers,
  values: ArrayLike<unknown>,
  isNull: (row: number) => void,
): Numbers {
  for (let row = 0; row < values.length; row++) {
    const value = values[row]
    if (value === null || value === undefined) isNull(row)
    else numbers[row] = Number(value)
  }
  return numbers
}

/** Copies texts to the end of a growing buffer. */
export class TextColumn {
  #bytes: Uint8Array
  readonly #ends: Uint32Array
  #length = 0
  #rows = 0

  constructor(rows: number) {
    this.#bytes = new Uint8Array(rows * 16)
    this.#ends = new Uint32Array(rows)
  }

  /** Where to write the next `length` bytes. */
  reserve(length: number): { readonly bytes: Uint8Array; readonly at: number } {
    const at = this.#length
    if (at + length > this.#bytes.length) {
      const bytes = new Uint8Array(Math.max(2 * this.#bytes.length, at + length))
      bytes.set(this.#bytes.subarray(0, at))
      this.#bytes = bytes
    }
    this.#length += length
    return { bytes: this.#bytes, at }
  }

  /** Ends the text of a row `before` bytes before the end of the reserved ones. */
  end(before = 0): void {
    this.#ends[this.#rows++] = this.#length - before
  }

  push(text: Uint8Array): void {
    const { bytes, at } = this.reserve(text.length)
    bytes.set(text, at)
    this.end()
  }

  /** All texts; the column is empty afterwards. They are to be copied before the next is pushed. */
  take(): Texts {
    const texts = { bytes: this.#bytes.subarray(0, this.#length), ends: this.#ends.subarray(0, this.#rows) }
    this.#length = 0
    this.#rows = 0
    return texts
  }
}
