// How options are put into words, in TypeScript and in the reference.

export const WIDTH = 120
/** Largest counts and seeds, which are no limit in practice. */
const UNBOUNDED = [2 ** 32 - 1, Number.MAX_SAFE_INTEGER]

/** `Default 20, range 1 to 1000.` */
export function limits({ min, default: value, or, ...range }) {
  const usual = or ? `Default: ${meant(or)}` : isEmpty(value) ? '' : `Default ${shown(value)}`
  const values = rangeOf({ min, ...range })
  const text = [usual, values && (values.startsWith('at least') ? values : `range ${values}`)]
    .filter(Boolean)
    .join(', ')
  return text === '' ? '' : `${text[0].toUpperCase()}${text.slice(1)}.`
}

/** `1 to 1000`, `0 to below 1`, `at least 1` */
export function rangeOf({ min, max, below }) {
  if (min === undefined) return ''
  if (below !== undefined) return `${number(min)} to below ${number(below)}`
  return UNBOUNDED.includes(max) ? `at least ${number(min)}` : `${number(min)} to ${number(max)}`
}

/** What null stands for: the value of another option, or something in words. */
export function meant(or) {
  return /^[a-z]\w*$/.test(or) ? `the value of \`${or}\`` : or
}

export function isEmpty(value) {
  return (
    value === undefined ||
    value === '' ||
    (typeof value === 'object' && Object.values(value ?? {}).every((each) => each === null))
  )
}

/** `1e12` instead of 1000000000000, `1e-6` instead of 0.000001 */
function number(value) {
  const exponent = value.toExponential().replace('+', '')
  return exponent.length < String(value).length ? exponent : String(value)
}

export function shown(value) {
  return typeof value === 'string' ? `'${value}'` : JSON.stringify(value).replaceAll(',', ', ')
}

export function sentence(text) {
  return /[.:!?]$/.test(text) ? text : `${text}.`
}

/** Paragraphs as lines of a comment. */
export function comment(paragraphs, prefix) {
  const lines = paragraphs.flatMap((paragraph) => {
    const wrapped = ['']
    for (const word of paragraph.split(' ')) {
      const line = wrapped.at(-1)
      if (line !== '' && prefix.length + line.length + 1 + word.length > WIDTH) wrapped.push(word)
      else wrapped[wrapped.length - 1] = line === '' ? word : `${line} ${word}`
    }
    return wrapped
  })
  return lines.map((line) => prefix + line).join('\n')
}
