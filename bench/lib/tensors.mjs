// Reads the f32 tensors of a safetensors file.

/** @param {Buffer} file @returns {Record<string, { shape: number[], values: Float32Array }>} */
export function readTensors(file) {
  const length = Number(file.readBigUInt64LE(0))
  const header = JSON.parse(file.toString('utf8', 8, 8 + length))
  const tensors = Object.entries(header).filter(([, { dtype }]) => dtype === 'F32')
  return Object.fromEntries(
    tensors.map(
      ([
        name,
        {
          shape,
          data_offsets: [from, to],
        },
      ]) => {
        // Copied, since a view must begin at a multiple of four.
        const bytes = Uint8Array.prototype.slice.call(file, 8 + length + from, 8 + length + to)
        return [name, { shape, values: new Float32Array(bytes.buffer) }]
      },
    ),
  )
}
