import type { AnyModel } from 'tastespace'

/** A tensor of a model file: its shape and its numbers, row by row. */
export interface Tensor {
  readonly shape: readonly number[]
  readonly values: Float32Array
}

const known = new WeakMap<AnyModel, Promise<ReadonlyMap<string, Tensor>>>()

/** The tensors of 32-bit floats in a model's file (safetensors), by name. They are read once: models here are trained once. */
export function tensorsOf(model: AnyModel): Promise<ReadonlyMap<string, Tensor>> {
  const tensors = known.get(model) ?? read(model)
  known.set(model, tensors)
  return tensors
}

async function read(model: AnyModel): Promise<ReadonlyMap<string, Tensor>> {
  const bytes = await model.toBytes()
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true))
  const header: Readonly<Record<string, Entry>> = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)))
  const start = 8 + length
  return new Map(
    Object.entries(header).flatMap(([name, { dtype, shape, data_offsets: [from, to] = [0, 0] }]) => {
      if (dtype !== 'F32') return []
      // A copy, since floats have to begin at a multiple of four.
      const values = new Float32Array(bytes.slice(start + from, start + to).buffer)
      return [[name, { shape, values }] as const]
    }),
  )
}

interface Entry {
  readonly dtype?: string
  readonly shape: readonly number[]
  readonly data_offsets?: readonly [from: number, to: number]
}
