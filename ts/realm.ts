// Tests of types that also hold for values of another realm: a test runner, a sandbox and a frame of a page have classes of
// their own, of which `instanceof` knows nothing.

interface Typed {
  readonly Int8Array: Int8Array
  readonly Uint8Array: Uint8Array
  readonly Uint8ClampedArray: Uint8ClampedArray
  readonly Int16Array: Int16Array
  readonly Uint16Array: Uint16Array
  readonly Int32Array: Int32Array
  readonly Uint32Array: Uint32Array
  readonly BigInt64Array: BigInt64Array
  readonly BigUint64Array: BigUint64Array
  readonly Float32Array: Float32Array
  readonly Float64Array: Float64Array
}

/** Whether it is a typed array of this name. */
export function isTyped<Name extends keyof Typed>(value: unknown, name: Name): value is Typed[Name] {
  return ArrayBuffer.isView(value) && tagOf(value) === `[object ${name}]`
}

/** Whether it is bytes: a `Uint8Array`, such as a `Buffer`. */
export function isBytes(value: unknown): value is Uint8Array {
  return isTyped(value, 'Uint8Array')
}

/** Whether it is a date. */
export function isDate(value: unknown): value is Date {
  return typeof value === 'object' && (value instanceof Date || tagOf(value) === '[object Date]')
}

/** The code of an error of the system or of Node, such as `ENOENT`; undefined for any other value. */
export function errorCode(error: unknown): string | undefined {
  const coded = typeof error === 'object' && error !== null && 'code' in error
  return coded && typeof error.code === 'string' ? error.code : undefined
}

function tagOf(value: unknown): string {
  return Object.prototype.toString.call(value)
}
