// Values on a pipe: JSON, with its typed arrays as bytes after it.
//
//   frame = head's bytes (u32, little-endian), head, the bytes of each array
//   head  = { value, arrays: [[type, bytes], …] }, where { "$array": n } in the value stands for array n

const TYPES = { Uint8Array, Uint32Array, Int32Array, BigInt64Array, Float32Array, Float64Array }

type TypeName = keyof typeof TYPES
type Typed = InstanceType<(typeof TYPES)[TypeName]>

/** The bytes of the length before a head. */
export const LENGTH_BYTES = 4

/** The head of a frame, parsed. */
export interface Head {
  readonly value: unknown
  readonly arrays: readonly (readonly [type: TypeName, bytes: number])[]
}

/** The pieces of a frame, in order. */
export function packFrame(value: unknown): Uint8Array[] {
  const arrays: Typed[] = []
  const head = JSON.stringify({
    value: withoutArrays(value, arrays),
    arrays: arrays.map((array) => [array.constructor.name, array.byteLength]),
  })
  const text = new TextEncoder().encode(head)
  const length = new Uint8Array(LENGTH_BYTES)
  new DataView(length.buffer).setUint32(0, text.length, true)
  return [
    length,
    text,
    ...arrays.map(({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength)),
  ]
}

/** The value of a frame, from its head and a function that reads the next bytes. */
export function unpackFrame({ value, arrays }: Head, read: (bytes: number) => Uint8Array<ArrayBuffer>): unknown {
  const found = arrays.map(([type, bytes]) => {
    const { buffer } = read(bytes)
    return new TYPES[type](buffer)
  })
  return withArrays(value, found)
}

function withoutArrays(value: unknown, arrays: Typed[]): unknown {
  if (ArrayBuffer.isView(value)) return { $array: arrays.push(value as Typed) - 1 }
  return mapped(value, (part) => withoutArrays(part, arrays))
}

function withArrays(value: unknown, arrays: readonly Typed[]): unknown {
  if (typeof value === 'object' && value !== null && '$array' in value) return arrays[Number(value.$array)]
  return mapped(value, (part) => withArrays(part, arrays))
}

/** A copy of an array or an object with all parts replaced. */
function mapped(value: unknown, replace: (part: unknown) => unknown): unknown {
  if (Array.isArray(value)) return value.map(replace)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, replace(part)]))
}
