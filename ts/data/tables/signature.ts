// Formats of tables by their first bytes.

/** Bytes that `tableFormat` needs. */
export const HEAD = 8

const FORMATS = [
  { format: 'parquet', signature: [0x50, 0x41, 0x52, 0x31] },
  { format: 'arrow', signature: [0x41, 0x52, 0x52, 0x4f, 0x57, 0x31] },
  // The stream form of Arrow: the mark before each message. No text begins with it.
  { format: 'arrow', signature: [0xff, 0xff, 0xff, 0xff] },
] as const

/** The format of a file that starts with `head`, if it is a table. */
export function tableFormat(head: Uint8Array): 'parquet' | 'arrow' | undefined {
  return FORMATS.find(({ signature }) => signature.every((byte, index) => head[index] === byte))?.format
}
