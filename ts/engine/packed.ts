import { isTyped } from '../realm.ts'

const ARRAYS = { Uint8Array, Uint32Array, Float32Array, Float64Array, Int32Array, BigInt64Array } as const
const NAMES = ['Uint8Array', 'Uint32Array', 'Float32Array', 'Float64Array', 'Int32Array', 'BigInt64Array'] as const

const handedOver = new WeakSet<ArrayBufferLike>()

/** Hands bytes that nobody else has over to the engine, which takes them without a copy. They are empty afterwards. */
export function handOver(bytes: Uint8Array): Uint8Array {
  if (bytes.byteLength === bytes.buffer.byteLength) handedOver.add(bytes.buffer)
  return bytes
}

/**
 * Arguments with copies of their typed arrays. The buffers of the copies are added to `transfer`. Cloning would copy the whole
 * buffer under a view and alias shared memory; transferring the caller's buffers would detach them.
 */
export function packed(value: unknown, transfer: ArrayBuffer[]): unknown {
  const name = NAMES.find((name) => isTyped(value, name))
  if (name) {
    const { buffer } = value as Uint8Array<ArrayBuffer>
    if (handedOver.delete(buffer)) {
      transfer.push(buffer)
      return value
    }
    // Any of the types, as one of them for the compiler. Not by slice, which aliases Node's buffers.
    const copy = new (ARRAYS[name] as Uint8ArrayConstructor)(value as Uint8Array)
    transfer.push(copy.buffer)
    return copy
  }
  if (Array.isArray(value)) return value.map((element) => packed(element, transfer))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, packed(field, transfer)]))
}
