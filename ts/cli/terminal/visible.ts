/** Stands for the first characters of our own terminal codes, so that no title can pass for one. */
const OWN = `\u0001${crypto.randomUUID()}`

/** A code that switches a colour or weight on or off. It becomes one by `visible`. */
export function styleCode(number: number): string {
  return `${OWN}${number}m`
}

/** The pattern of such a code. */
export const STYLE_CODE = `${OWN}(\\d+)m`

/** Control characters of both sets, and those that turn the order of the text around them. */
const CONTROLS = String.raw`[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]`

const IN_CELL = new RegExp(`(${STYLE_CODE})|${CONTROLS}`, 'g')
const IN_TEXT = new RegExp(`${STYLE_CODE}|(\\n)|${CONTROLS}`, 'g')
const IN_JSON = new RegExp(CONTROLS, 'g')

/**
 * A text for a terminal: titles, ids and names of files come from anyone, and a control character in them could clear the
 * screen, move the cursor, or show a link to elsewhere. Such characters are shown by their codes, such as `\x1b`.
 */
export function visible(text: string): string {
  return text.replace(IN_TEXT, (character, style, line) => {
    if (style !== undefined) return `\u001b[${style}m`
    return line ?? escaped(character)
  })
}

/** The same for a cell of a table, which has no lines, before `visible`. */
export function visibleCell(text: string): string {
  return text.replace(IN_CELL, (character, kept) => kept ?? escaped(character))
}

/** JSON that shows as it is in a terminal too: it means the same. */
export function visibleJSON(json: string): string {
  return json.replace(IN_JSON, (character) => `\\u${digits(character, 4)}`)
}

function escaped(character: string): string {
  if (character === '\n') return '\\n'
  if (character === '\t') return '\\t'
  return character < '\u0100' ? `\\x${digits(character, 2)}` : `\\u${digits(character, 4)}`
}

function digits(character: string, length: number): string {
  return character.charCodeAt(0).toString(16).padStart(length, '0')
}
