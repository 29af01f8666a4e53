// Readers of flags' values. Each takes the text and, for flags that can be repeated, the value so far.
import { readFileSync } from 'node:fs'
import { InvalidArgumentError } from 'commander'
import type { TuneRange } from '../../index.ts'

/** Reads a whole number that is not below `least`. */
export function wholeNumber(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= least) return value
    throw new InvalidArgumentError(`Accepted is a whole number from ${least}.`)
  }
}

/** Reads whole numbers between commas. */
/** A port to listen on; 0 is any that is free. */
export function portNumber(text: string): number {
  const port = wholeNumber(0)(text)
  if (port <= 65_535) return port
  throw new InvalidArgumentError('Accepted is a whole number from 0 to 65535.')
}

export function wholeNumbers(least: number): (text: string) => number[] {
  return (text) => text.split(',').map(wholeNumber(least))
}

/** Reads names between commas. */
export function list(text: string): string[] {
  const read = text.split(',').map((name) => name.trim())
  if (read.every((name) => name !== '')) return read
  throw new InvalidArgumentError('Accepted are names between commas, none of them empty.')
}

/** Collects the values of a flag that can be repeated. */
export function gathered(text: string, before: readonly string[] = []): string[] {
  return [...before, text]
}

/**
 * Reads `key=value` and adds it to the value so far. The value is JSON if it parses as JSON, a list if it is numbers between
 * commas, otherwise text.
 */
export function setting(text: string, before: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  const [key, value] = pair(text)
  return { ...before, [key]: jsonOrText(value) }
}

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    const parts = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)))
    return parts.length > 1 && parts.every(Number.isFinite) ? parts : text
  }
}

/** Reads `LO,HI`. */
export function range(text: string): [low: number, high: number] {
  const [low, high, ...more] = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)))
  const sound = low !== undefined && high !== undefined && more.length === 0 && low < high
  if (sound && Number.isFinite(low) && Number.isFinite(high)) return [low, high]
  throw new InvalidArgumentError('Accepted is LO,HI with LO below HI, such as 1,5.')
}

const COLUMNS = ['user', 'item', 'rating', 'time'] as const

/** Names of columns, or their numbers from 1, by what they hold. */
export type Columns = { [column in (typeof COLUMNS)[number]]?: string }

/** Reads `user=…,item=…,rating=…,time=…`, each of them optional. */
export function columns(text: string): Columns {
  return columnsAmong(COLUMNS, text)
}

const ITEM_COLUMNS = ['item', 'title', 'genres', 'year'] as const

/** Names of columns of a file of items. */
export type ItemColumns = { [column in (typeof ITEM_COLUMNS)[number]]?: string }

/** Reads `item=…,title=…,genres=…,year=…`, each of them optional. */
export function itemColumns(text: string): ItemColumns {
  return columnsAmong(ITEM_COLUMNS, text)
}

function columnsAmong<Name extends string>(accepted: readonly Name[], text: string): { [name in Name]?: string } {
  const read: { [name in Name]?: string } = {}
  // A name with a comma in it continues after the comma: the next part has no known name.
  const parts: string[] = []
  for (const part of text.split(',')) {
    const last = parts.at(-1)
    if (last !== undefined && !accepted.some((name) => part.startsWith(`${name}=`)) && !part.includes('=')) {
      parts[parts.length - 1] = `${last},${part}`
    } else parts.push(part)
  }
  for (const part of parts) {
    const [name, value] = pair(part)
    const column = accepted.find((column) => column === name)
    if (!column) throw new InvalidArgumentError(`There is no column '${name}': accepted are ${accepted.join(', ')}.`)
    read[column] = value
  }
  return read
}

/** Reads numbers between commas. */
export function numbers(text: string): number[] {
  return text.split(',').map(finiteNumber)
}

function pair(text: string): [key: string, value: string] {
  const at = text.indexOf('=')
  if (at > 0 && at < text.length - 1) return [text.slice(0, at), text.slice(at + 1)]
  throw new InvalidArgumentError('Accepted is KEY=VALUE.')
}

/** Reads a number. */
export function finiteNumber(text: string): number {
  const value = Number(text)
  if (text.trim() !== '' && Number.isFinite(value)) return value
  throw new InvalidArgumentError('Accepted is a number.')
}

/** Reads ids or titles between commas, or from a file with one a line: `a,"b, c"` or `@FILE`. Adds to the value so far. */
export function ids(text: string, before: readonly string[] = []): string[] {
  const read = text.startsWith('@') ? linesOf(text.slice(1)) : parted(text).map(unquoted)
  if (read.every((id) => id.trim() !== '')) return [...before, ...read]
  throw new InvalidArgumentError('Accepted are ids or titles between commas, a,b,"c, d", or @FILE with one a line.')
}

/** The parts of a text between commas that are not in quotes. */
function parted(text: string): string[] {
  return (text.match(/(?:"(?:[^"]|"")*"|[^,"]|"(?!(?:[^"]|"")*"))*(?:,|$)/g) ?? [])
    .slice(0, text === '' || text.endsWith(',') ? undefined : -1)
    .map((part) => part.replace(/,$/, ''))
}

/** A text without the quotes around it. */
function unquoted(text: string): string {
  const [, inside] = /^\s*"((?:[^"]|"")*)"\s*$/.exec(text) ?? []
  return inside?.replaceAll('""', '"') ?? text
}

function linesOf(file: string): string[] {
  try {
    return readFileSync(file, 'utf8')
      .split(/\r?\n/)
      .filter((line) => line !== '')
  } catch (error) {
    throw new InvalidArgumentError(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`)
  }
}

/** An item of a history, perhaps with its rating. */
export interface Had {
  readonly item: string
  readonly rating?: number
}

/** A history: items, and files of exports. */
export interface HistoryFlag {
  readonly items: readonly Had[]
  readonly files: readonly string[]
}

/** Reads `a,b,"c, d"`, each with or without a rating: `a=5,b`; or `@FILE`. Adds to the value so far. */
export function history(text: string, before: HistoryFlag = { items: [], files: [] }): HistoryFlag {
  if (text.startsWith('@') && text.length > 1) return { ...before, files: [...before.files, text.slice(1)] }
  const read = parted(text).map((part): Had => {
    const [, named = part, rating] = /^(.+)=(-?\d+(?:\.\d+)?)\s*$/.exec(part) ?? []
    const item = unquoted(named)
    if (item.trim() === '') {
      throw new InvalidArgumentError('Accepted are ids or titles between commas, a,b or a=5,"c, d"=3, or @FILE.')
    }
    return rating === undefined ? { item } : { item, rating: Number(rating) }
  })
  return { ...before, items: [...before.items, ...read] }
}

/**
 * Reads `KEY=LOW..HIGH`, on a logarithmic scale `KEY=log:LOW..HIGH`, or the choices `KEY=A,B,C`, and adds it to the ranges so
 * far.
 */
export function searched(text: string, before: Readonly<Record<string, TuneRange>> = {}): Record<string, TuneRange> {
  const [key, value] = pair(text)
  const [, scale, low, high] = /^(?:(log|linear):)?([^,:]+?)\.\.([^,:]+)$/.exec(value) ?? []
  if (low === undefined || high === undefined) return { ...before, [key]: { choices: list(value).map(jsonOrText) } }
  const ends = { low: Number(low), high: Number(high) }
  if (!(ends.low < ends.high)) {
    throw new InvalidArgumentError(
      'Accepted is KEY=LOW..HIGH with LOW below HIGH, log: or linear: before LOW, or choices: KEY=A,B,C.',
    )
  }
  return { ...before, [key]: { ...ends, ...(scale !== undefined && { log: scale === 'log' }) } }
}
