import type { Texts } from '../engine/engine.ts'
import { TastespaceError } from '../errors.ts'

/** An outside id. Numbers are taken as their digits; ids come back as text. */
export type Id = string | number

/** The text of an id. */
export function idText(id: Id): string {
  if (typeof id === 'string') return id
  if (typeof id === 'number' && Number.isFinite(id)) return String(id)
  throw new TastespaceError('data/bad-id', `an id is ${String(id)}; accepted: text or a finite number`, {
    id: String(id),
  })
}

/** Packs ids for the engine. */
export function packIds(ids: readonly Id[]): Texts {
  const texts = ids.map(idText)
  const encoder = new TextEncoder()
  const joined = texts.join('')
  const bytes = encoder.encode(joined)
  const ends = new Uint32Array(texts.length)
  // Text of ASCII only is as long in bytes as in characters.
  const ascii = bytes.length === joined.length
  let end = 0
  texts.forEach((text, index) => {
    end += ascii ? text.length : encoder.encode(text).length
    ends[index] = end
  })
  return { bytes, ends }
}

/** The texts that the engine packed. */
export function unpackTexts({ bytes, ends }: Texts): string[] {
  const decoder = new TextDecoder()
  const whole = decoder.decode(bytes)
  const ascii = whole.length === bytes.length
  let start = 0
  return Array.from(ends, (end) => {
    const text = ascii ? whole.slice(start, end) : decoder.decode(bytes.subarray(start, end))
    start = end
    return text
  })
}
