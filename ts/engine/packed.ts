const ARRAYS = [Uint8Array, Uint32Array, Float32Array, Float64Array, Int32Array]

/**
 * Arguments with copies of their typed arrays. The buffers of the copies are added to `transfer`. Cloning would copy the whole
 * buffer under a view and alias shared memory; transferring the caller's buffers would detach them.
 */
export function packed(value: unknown, transfer: ArrayBuffer[]): unknown {
  for (const Type of ARRAYS) {
    if (!(value instanceof Type)) continue
    const copy = new Type(value)
    transfer.push(copy.buffer)
    return copy
  }
  if (value instanceof BigInt64Array) {
    const copy = new BigInt64Array(value)
    transfer.push(copy.buffer)
    return copy
  }
  if (Array.isArray(value)) return value.map((element) => packed(element, transfer))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, packed(field, transfer)]))
}
