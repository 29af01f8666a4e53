import type { z } from 'zod'

/** What is wrong with a value, in the words and codes of this library. */
export interface Issue {
  readonly code: string
  readonly message: string
  readonly details: Readonly<Record<string, unknown>>
}

/** The keys that are accepted at a place, such as `filter.genres`; the whole is the empty text. */
export type KeysAt = (place: string) => readonly string[]

type ZodIssue = z.core.$ZodIssue

/** The first thing that zod found wrong with `value`. `what` names a key of it, such as `an option`. */
export function firstIssue(error: z.ZodError, value: unknown, what: string, keysAt: KeysAt): Issue {
  const [issue] = error.issues
  if (!issue) return { code: 'config/wrong-type', message: 'the value is invalid', details: {} }
  return issueOf(issue, value, { what, keysAt })
}

function issueOf(issue: ZodIssue, root: unknown, named: { readonly what: string; readonly keysAt: KeysAt }): Issue {
  const deeper = issue.code === 'invalid_union' ? deepest(issue) : undefined
  if (deeper) return issueOf({ ...deeper, path: [...issue.path, ...deeper.path] }, root, named)
  const at = placeOf(issue.path)
  const given = valueAt(root, issue.path)
  if (issue.code === 'unrecognized_keys') {
    const [key = ''] = issue.keys
    const where = at === '' ? '' : ` of ${at}`
    const accepted = named.keysAt(at)
    return {
      code: 'config/unknown-key',
      message: `${JSON.stringify(clipped(key))} is not ${named.what}${where}: accepted are ${accepted.join(', ')}`,
      details: { key: clipped(key), ...(at !== '' && { at }), accepted },
    }
  }
  const name = at === '' ? 'the whole' : at
  if (given === undefined && issue.code !== 'custom') {
    return {
      code: 'config/missing',
      message: `${name} is missing; expected ${expectedBy(issue)}`,
      details: { key: at },
    }
  }
  const expected = expectedBy(issue)
  const code = isRange(issue.code) ? 'config/out-of-range' : 'config/wrong-type'
  return { code, message: `${name} is ${shown(given)}; expected ${expected}`, details: { key: at, expected } }
}

/** Of the branches of a union, the issue that lies deepest: that of the branch which the value was meant for. */
function deepest(issue: Extract<ZodIssue, { code: 'invalid_union' }>): ZodIssue | undefined {
  const issues = issue.errors
    .flat()
    .filter(({ path, code }) => path.length > 0 || code === 'unrecognized_keys' || isRange(code))
  return issues.sort((a, b) => b.path.length - a.path.length)[0]
}

function isRange(code: ZodIssue['code']): boolean {
  return code === 'too_big' || code === 'too_small'
}

function expectedBy(issue: ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.expected === 'int' ? 'a whole number' : article(issue.expected)
    case 'too_big':
      return `at most ${Number(issue.maximum).toLocaleString('en')}${unitOf(issue.origin)}`
    case 'too_small':
      return `at least ${Number(issue.minimum).toLocaleString('en')}${unitOf(issue.origin)}`
    case 'invalid_value':
      return issue.values.map((value) => JSON.stringify(value)).join(' or ')
    default:
      return issue.message
  }
}

function unitOf(origin: string): string {
  if (origin === 'array') return ' entries'
  return origin === 'string' ? ' characters' : ''
}

const ARTICLES: Readonly<Record<string, string>> = {
  array: 'an array',
  object: 'an object',
  record: 'an object',
  string: 'text',
  boolean: 'true or false',
  number: 'a finite number',
}

function article(type: string): string {
  return ARTICLES[type] ?? `a ${type}`
}

/** `filter.genres.any[2]` */
function placeOf(path: readonly PropertyKey[]): string {
  return path
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${clipped(String(key))}`))
    .join('')
    .replace(/^\./, '')
}

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined),
    root,
  )
}

function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(clipped(value))
  if (Array.isArray(value)) return `an array of ${value.length.toLocaleString('en')}`
  if (typeof value === 'function') return 'a function'
  return typeof value === 'object' && value !== null ? 'an object' : String(value)
}

/** A text of a request, short enough for a message. */
export function clipped(text: string): string {
  return text.length > 80 ? `${text.slice(0, 80)}…` : text
}
