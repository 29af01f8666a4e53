// Columns of rows as the engine takes them.
import type { Ids, Rows } from '../engine/calls.ts'
import { isBytes, isTyped } from '../realm.ts'

/** The columns of rows, in the order of their bits in `Rows.nulls`. */
export const ROLES = ['user', 'item', 'rating', 'time'] as const
export type Role = (typeof ROLES)[number]

/** Marks null values of rows, once there is one. */
export class Nulls {
  #bits: Uint8Array | undefined

  constructor(private readonly rows: number) {}

  add(role: Role, row: number): void {
    this.#bits ??= new Uint8Array(this.rows)
    this.#bits[row] = (this.#bits[row] ?? 0) | (1 << ROLES.indexOf(role))
  }

  /** The bits of the first `rows` rows, if any value is null. */
  bits(rows = this.rows): Pick<Rows, 'nulls'> {
    return this.#bits ? { nulls: this.#bits.subarray(0, rows) } : {}
  }
}

/** Ids of a typed array of integers, without making texts of them. Undefined for other values. */
export function integerIds(values: unknown): Ids | undefined {
  if (isTyped(values, 'Int32Array') || isTyped(values, 'BigInt64Array')) return values
  if (isTyped(values, 'Uint32Array')) {
    return values.every((id) => id < 2 ** 31) ? new Int32Array(values) : BigInt64Array.from(values, BigInt)
  }
  const small =
    isTyped(values, 'Int8Array') ||
    isBytes(values) ||
    isTyped(values, 'Uint8ClampedArray') ||
    isTyped(values, 'Int16Array') ||
    isTyped(values, 'Uint16Array')
  return small ? new Int32Array(values) : undefined
}
