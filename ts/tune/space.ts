import { badArgument, isRecord, shown } from '../arguments.ts'
import { TastespaceError } from '../errors.ts'
import type { KindDescription, OptionDescription, SearchRange } from '../models/describe.ts'

/** The values of an option that search tries: from `low` to `high`, or one of `choices`. */
export interface TuneRange {
  readonly low?: number | undefined
  readonly high?: number | undefined
  /** Whether values are tried uniformly in their logarithm. Default: as the kind's own range of the option, else false. */
  readonly log?: boolean | undefined
  readonly choices?: readonly unknown[] | undefined
}

/** Ranges by the names of options. */
export type TuneSpace = Readonly<Record<string, TuneRange>>

/** The options that a study varies. */
export interface Space {
  readonly ranges: readonly SearchRange[]
  /** Names of the options whose values are integers. */
  readonly integers: ReadonlySet<string>
  /** Options with their values where they are not varied. */
  readonly fixed: Readonly<Record<string, unknown>>
}

/** The kind's own ranges, or the given ones, without the options that are set. */
export function spaceOf(
  where: string,
  kind: KindDescription,
  defaults: Readonly<Record<string, unknown>>,
  set: Readonly<Record<string, unknown>>,
  asked: TuneSpace | undefined,
): Space {
  const ranges = asked
    ? Object.entries(asked).map(([name, range]) => rangeOf(where, kind, name, range))
    : kind.search.filter(({ name }) => !(name in set))
  for (const { name } of ranges) {
    if (name in set) throw badArgument(where, `space.${name}`, asked?.[name], `no range, since 'options' sets ${name}`)
  }
  if (ranges.length === 0) {
    const message = `${where}: there is no option of ${kind.kind} to vary: expected ranges in 'space'`
    throw new TastespaceError('config/missing', message, { kind: kind.kind, key: 'space' })
  }
  const integers = kind.options.filter(({ type }) => type === 'integer').map(({ name }) => name)
  // A search does not choose: it has the value of a training with a given number of epochs.
  const unchosen = kind.chosen ? { [kind.chosen.option]: kind.chosen.values[0] } : {}
  return { ranges, integers: new Set(integers), fixed: { ...defaults, ...unchosen, ...set } }
}

/** `when` is in the space of a report, which can be searched again. */
const RANGE_KEYS = ['low', 'high', 'log', 'choices', 'when']

function rangeOf(where: string, kind: KindDescription, name: string, range: TuneRange): SearchRange {
  const option = kind.options.find((option) => option.name === name)
  if (!option) {
    const accepted = kind.options.map(({ name }) => name)
    const message = `${where}: space has '${name}', which is no option of ${kind.kind}: its options are ${accepted.join(', ')}`
    throw new TastespaceError('config/unknown-key', message, { kind: kind.kind, key: name, accepted })
  }
  const own = kind.search.find((range) => range.name === name)
  if (!isRecord(range)) throw badArgument(where, `space.${name}`, range, 'an object { low, high } or { choices }')
  const unknown = Object.keys(range).find((key) => !RANGE_KEYS.includes(key))
  if (unknown !== undefined) {
    const message = `${where}: space.${name} has no '${unknown}': accepted are low, high and log, or choices`
    throw new TastespaceError('config/unknown-key', message, { kind: where, key: unknown, accepted: RANGE_KEYS })
  }
  const { low, high, choices }: TuneRange = range
  const log: unknown = range.log ?? (own?.log === true && Number(low) > 0)
  if (choices !== undefined) {
    if (low !== undefined || high !== undefined) {
      throw badArgument(where, `space.${name}`, range, 'low and high, or choices, and not both')
    }
    if (Array.isArray(choices) && choices.length > 0) return { name, choices }
    throw badArgument(where, `space.${name}.choices`, choices, 'an array of at least one value')
  }
  return { name, ...checkedEnds(where, option, low, high), log: checkedLog(where, name, low, log) }
}

function checkedLog(where: string, name: string, low: unknown, log: unknown): boolean {
  if (typeof log !== 'boolean') throw badArgument(where, `space.${name}.log`, log, 'true or false')
  if (!log || Number(low) > 0) return log
  throw badArgument(where, `space.${name}.low`, low, 'a number above 0, or log: false')
}

function checkedEnds(
  where: string,
  option: OptionDescription,
  low: unknown,
  high: unknown,
): { low: number; high: number } {
  const { name, type, min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY, below } = option
  const key = `space.${name}`
  if (type !== 'integer' && type !== 'number') throw badArgument(where, key, { low, high }, 'an object { choices }')
  if (typeof low !== 'number' || typeof high !== 'number' || !(low < high)) {
    const ends = `{ low: ${shown(low)}, high: ${shown(high)} }`
    throw new TastespaceError(
      'config/bad-argument',
      `${where}: ${key} is ${ends}; expected two numbers with low below high, or { choices }`,
      { function: where, argument: key },
    )
  }
  if (low >= min && high <= max && (below === undefined || high < below)) return { low, high }
  const accepted = below === undefined ? `from ${min} to ${max}` : `from ${min}, below ${below}`
  const message = `${where}: ${key} is from ${low} to ${high}: accepted is a range ${accepted}`
  throw new TastespaceError('config/out-of-range', message, { kind: where, key, value: [low, high] })
}

/** How far from its default an option of a trial near the defaults is at most, as a part of the range. */
const NEAR = 0.25

/**
 * The options that a trial varies. Trial 0 has the defaults; each other one follows from the seed and its number alone, so that
 * trials can be computed in any order. Trials of even numbers lie near the defaults, the others anywhere in the ranges.
 */
export function optionsOf({ ranges, integers, fixed }: Space, seed: number, trial: number): Record<string, unknown> {
  if (trial === 0) return {}
  const point = pointOf(seed, trial, ranges.length)
  const options: Record<string, unknown> = {}
  ranges.forEach((range, axis) => {
    const applies = Object.entries(range.when ?? {}).every(
      ([name, choice]) => (options[name] ?? fixed[name]) === choice,
    )
    const [at = 0, center] = [point[axis], trial % 2 === 0 ? coordinateOf(range, fixed[range.name]) : undefined]
    const near = center === undefined ? at : Math.min(1, Math.max(0, center + NEAR * (2 * at - 1)))
    if (applies) options[range.name] = valueAt(range, integers.has(range.name), near)
  })
  return options
}

/** Where in a range a value is, from 0 to 1; undefined for choices and values outside. */
function coordinateOf({ low = 0, high = 1, log, choices }: SearchRange, value: unknown): number | undefined {
  if (choices || typeof value !== 'number' || value < low || value > high) return undefined
  return log ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low)
}

/** The value of a range at a coordinate from 0, below 1. Three digits are enough to reach its effect. */
function valueAt({ low = 0, high = 1, log, choices }: SearchRange, integer: boolean, at: number): unknown {
  if (choices) return choices[Math.min(Math.floor(at * choices.length), choices.length - 1)]
  const value = log ? low * (high / low) ** at : low + (high - low) * at
  return integer ? Math.round(value) : Math.min(high, Math.max(low, Number(value.toPrecision(3))))
}

/**
 * A point of the R sequence (M. Roberts, 2018), which covers a cube evenly in any number of dimensions: multiples of the
 * powers of the generalized golden ratio, from a start by the seed.
 */
export function pointOf(seed: number, trial: number, dimensions: number): number[] {
  let ratio = 2
  for (let step = 0; step < 60; step++) ratio = (1 + ratio) ** (1 / (dimensions + 1))
  return Array.from({ length: dimensions }, (_, axis) => (start(seed, axis) + trial * ratio ** -(axis + 1)) % 1)
}

/** A number from 0, below 1, by seed and axis: splitmix32 with its increment for each axis. */
function start(seed: number, axis: number): number {
  // The upper bits of a large seed count too.
  let state = (seed ^ Math.floor(seed / 2 ** 32) ^ Math.imul(axis + 1, 0x9e3779b9)) | 0
  state = Math.imul(state ^ (state >>> 16), 0x21f0aaad)
  state = Math.imul(state ^ (state >>> 15), 0x735a2d97)
  return ((state ^ (state >>> 15)) >>> 0) / 2 ** 32
}
