import { TastespaceError } from './errors.ts'
import { isDate } from './realm.ts'

/** The error of an argument that a function does not accept. */
export function badArgument(where: string, name: string, value: unknown, expected: string): TastespaceError {
  const message = `${where}: ${name} is ${shown(value)}; expected ${expected}`
  return new TastespaceError('config/bad-argument', message, { function: where, argument: name, expected })
}

/** A value as messages show it. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value)
  if (typeof value === 'function') return 'a function'
  if (typeof value === 'bigint') return `the bigint ${value}`
  if (typeof value !== 'object' || value === null) return String(value)
  return shownObject(value)
}

function shownObject(value: object): string {
  try {
    if (Array.isArray(value)) return 'an array'
    if (value instanceof URL) return `the URL ${value.href.slice(0, 80)}`
    if (isDate(value)) return Number.isNaN(value.getTime()) ? 'an invalid Date' : 'a Date'
    return 'an object'
  } catch {
    // A proxy may throw.
    return 'an object that cannot be read'
  }
}

/** Whether it is an object with named fields, and no array. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Whether it is an object of named values whose values can be read: no date, URL, map or proxy that throws. */
export function isPlain(value: unknown): boolean {
  try {
    return (
      isRecord(value) && Object.prototype.toString.call(value) === '[object Object]' && Object.values(value).length >= 0
    )
  } catch {
    return false
  }
}

/** Refuses options that are no object, and returns them. */
export function checkOptions<Options extends object>(where: string, options: Options, name = 'options'): Options {
  if (isPlain(options)) return options
  throw badArgument(where, name, options, 'an object of named values')
}

/** The names of all options of a type. */
export function keysOf<Options>(keys: Readonly<Record<keyof Options, true>>): readonly string[] {
  return Object.keys(keys)
}

/** Refuses options that are no object or that have other names, and returns them. */
export function checkKeys<Options extends object>(
  where: string,
  options: Options,
  accepted: readonly string[],
  name = 'options',
): Options {
  for (const [key, value] of Object.entries(checkOptions(where, options, name))) {
    if (value === undefined || accepted.includes(key)) continue
    const message = `${where} has no option '${key}': its options are ${accepted.join(', ')}`
    throw new TastespaceError('config/unknown-key', message, { kind: where, key, accepted })
  }
  return options
}

/** Refuses what cannot be the path of a file, and returns the path. */
export function checkPath(where: string, path: string | URL, name = 'path'): string | URL {
  const isAddress = typeof path === 'string' && /^https?:\/\//i.test(path)
  if (typeof path === 'string' && path !== '' && !path.includes('\0') && !isAddress) return path
  if (path instanceof URL && path.protocol === 'file:') return path
  throw badArgument(
    where,
    name,
    path,
    'a path or a file URL; for an address on the web, (await fetch(address)).body is a stream',
  )
}

/** Refuses a callback that is none, and returns it. */
export function checkCallback<Callback>(where: string, name: string, callback: Callback): Callback {
  if (callback === undefined || typeof callback === 'function') return callback
  throw badArgument(where, name, callback, 'a function')
}

/** Refuses a signal that is none, and returns it. */
export function checkSignal(where: string, signal: AbortSignal | undefined): AbortSignal | undefined {
  if (signal === undefined || signal instanceof AbortSignal) return signal
  throw badArgument(where, 'signal', signal, 'an AbortSignal')
}

/** Options as JSON text for the engine, which checks them. */
export function optionsText(where: string, options: object): string {
  return jsonText(where, checkOptions(where, options))
}

/** A value as JSON text. JSON would leave out or change what it cannot express, so that is refused by its name. */
export function jsonText(where: string, value: unknown): string {
  try {
    if (isRecord(value)) for (const [name, one] of Object.entries(value)) checkJSON(where, name, one)
    else checkJSON(where, 'options', value)
    return JSON.stringify(value) ?? 'null'
  } catch (error) {
    if (error instanceof TastespaceError) throw error
    // An object that holds itself, or a proxy that throws.
    throw badArgument(where, 'options', value, EXPRESSIBLE)
  }
}

const EXPRESSIBLE = 'texts, finite numbers, booleans, null, or arrays and objects of them'

function checkJSON(where: string, name: string, value: unknown): void {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null || value === undefined) return
  if (typeof value === 'number' && Number.isFinite(value)) return
  if (typeof value !== 'object' || isDate(value)) throw badArgument(where, name, value, EXPRESSIBLE)
  for (const one of Object.values(value)) checkJSON(where, name, one)
}
