import { badArgument, shown } from '../arguments.ts'
import type { Texts } from '../engine/calls.ts'
import { TastespaceError } from '../errors.ts'

/** The id of a user or an item. Integers stand for their decimal digits; ids are returned as text. */
export type Id = string | number | bigint

/** Half of a surrogate pair alone, which UTF-8 cannot express. */
const LONE_SURROGATE = /\p{Surrogate}/u

/** The text of an id. `name` is the argument that it is in. */
function idText(where: string, name: string, id: Id): string {
  if (typeof id === 'string') return id
  if (typeof id === 'bigint') return String(id)
  if (typeof id === 'number' && Number.isFinite(id)) return String(id)
  throw new TastespaceError(
    'data/bad-id',
    `${where}: an id in ${name} is ${shown(id)}; expected text, a finite number or a bigint`,
    {
      function: where,
      argument: name,
      id: String(id),
    },
  )
}

function checkUnicode(text: string): string {
  if (!LONE_SURROGATE.test(text)) return text
  const message = `the id ${JSON.stringify(text)} is not valid Unicode: it has half of a surrogate pair`
  throw new TastespaceError('data/bad-id', message, { id: JSON.stringify(text) })
}

/** The texts of several ids. */
export function idTexts(where: string, name: string, ids: readonly Id[]): string[] {
  if (!Array.isArray(ids)) throw badArgument(where, name, ids, 'an array of ids')
  return ids.map((id) => checkUnicode(idText(where, name, id)))
}

/** Packs ids for the engine. */
export function packIds(where: string, name: string, ids: readonly Id[]): Texts {
  if (!Array.isArray(ids)) throw badArgument(where, name, ids, 'an array of ids')
  const texts: string[] = ids.map((id) => idText(where, name, id))
  const encoder = new TextEncoder()
  const joined = texts.join('')
  const bytes = encoder.encode(joined)
  const ends = new Uint32Array(texts.length)
  // ASCII text has as many bytes as characters.
  const ascii = bytes.length === joined.length
  let end = 0
  texts.forEach((text, index) => {
    end += ascii ? text.length : encoder.encode(checkUnicode(text)).length
    ends[index] = end
  })
  return { bytes, ends }
}

/** The texts that the engine packed. */
export function unpackTexts({ bytes, ends }: Texts): string[] {
  // A byte order mark is part of the id that begins with it.
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  const whole = decoder.decode(bytes)
  const ascii = whole.length === bytes.length
  let start = 0
  return Array.from(ends, (end) => {
    const text = ascii ? whole.slice(start, end) : decoder.decode(bytes.subarray(start, end))
    start = end
    return text
  })
}
