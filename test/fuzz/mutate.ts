import type { Random } from './random.ts'

/** Bytes with a few faults: flipped, set to ends of ranges, cut, repeated or moved. */
export function mutated(bytes: Uint8Array, random: Random): Uint8Array {
  let result: Uint8Array = bytes.slice()
  for (let fault = 0; fault <= random.below(4); fault++) {
    const place = random.below(Math.max(1, result.length))
    switch (random.below(6)) {
      case 0:
        result[place] = (result[place] ?? 0) ^ (1 << random.below(8))
        break
      case 1:
        result[place] = random.pick([0, 0x7f, 0x80, 0xff])
        break
      case 2:
        result = result.slice(0, place)
        break
      case 3:
        result = joined(result, result.slice(place, place + 64))
        break
      case 4:
        result.fill(random.below(256), place, place + random.below(32))
        break
      default:
        result.copyWithin(place, random.below(Math.max(1, result.length)), result.length)
    }
  }
  return result
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length)
  both.set(a)
  both.set(b, a.length)
  return both
}
