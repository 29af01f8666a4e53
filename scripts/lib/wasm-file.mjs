// What a WebAssembly file is made of, as far as the build has to know.

/** The module without its custom sections named so: function names and the like, which only a debugger reads. */
export function withoutSections(module, names) {
  const kept = [module.subarray(0, 8)]
  for (let at = 8; at < module.length; ) {
    const size = leb128(module, at + 1)
    const end = size.end + size.value
    if (module[at] !== 0 || !names.includes(customName(module, size.end))) kept.push(module.subarray(at, end))
    at = end
  }
  return Buffer.concat(kept)
}

function customName(module, at) {
  const length = leb128(module, at)
  return Buffer.from(module.subarray(length.end, length.end + length.value)).toString('utf8')
}

function leb128(bytes, at) {
  let value = 0
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++]
    value |= (byte & 0x7f) << shift
    if (byte < 0x80) return { value: value >>> 0, end: at }
  }
}
