import { join } from 'node:path'
import {
  CML,
  checkOptions,
  confidenceIntervals,
  createEngine,
  createModel,
  Dataset,
  loadModel,
  pairedTests,
  TastespaceError,
} from 'tastespace'
import { describe, expect, test } from 'vitest'
import { CALLS, cml, exported, folder, measured, train, validation } from './calls.ts'

/** Refuses every access, as the proxy of a framework may. */
const refuses = () => {
  throw new RangeError('not readable')
}
const proxy = new Proxy({}, { get: refuses, has: refuses, ownKeys: refuses, getOwnPropertyDescriptor: refuses })

/** Values that are invalid for most arguments and options, by what messages call them. */
const VALUES: readonly [what: string, value: unknown][] = [
  ['undefined', undefined],
  ['null', null],
  ['3', 3],
  ['NaN', Number.NaN],
  // Also a path, for the functions that write files.
  ['a text', join(folder, 'text')],
  ['an empty text', ''],
  ['true', true],
  ['a bigint', 10n],
  ['a symbol', Symbol('of nothing')],
  ['an empty array', []],
  ['an array of null', [null]],
  ['an array of an array', [[null]]],
  ['an object', {}],
  ['an object with a symbol as key', { [Symbol('key')]: 3 }],
  ['an object with other keys', { k: null, user: 3, item: [1], options: 3, by: 3, from: [] }],
  ['a function', () => {}],
  ['an invalid date', new Date(Number.NaN)],
  ['a URL', new URL('https://example.org/ratings.csv')],
]

/** Further ones for objects of options, of which some have getters that fail. */
const UNREADABLE: readonly [what: string, value: unknown][] = [
  ['a proxy that throws', proxy],
  [
    'an object with a getter that throws',
    {
      get k() {
        return refuses()
      },
    },
  ],
]

/** The error of a call: thrown, rejected or raised while iterating. */
async function errorOf(call: () => unknown): Promise<unknown> {
  try {
    const result = call()
    if (typeof result === 'object' && result !== null && Symbol.asyncIterator in result) {
      for await (const _ of result as AsyncIterable<unknown>) break
    } else {
      const value = await result
      if (typeof value === 'object' && value !== null && 'dispose' in value && typeof value.dispose === 'function') {
        value.dispose()
      }
    }
    return undefined
  } catch (error) {
    return error
  }
}

/** An error of the library. That of a wrong argument names it, or its function, and what is accepted. */
function expectHelp(error: unknown, given: string, names: readonly string[]): void {
  expect(error, `${given}: ${error}`).toBeInstanceOf(TastespaceError)
  if (!(error instanceof TastespaceError) || !error.code.startsWith('config/')) return
  expect(
    names.some((name) => error.message.includes(name)),
    `${given} is not named: ${error.message}`,
  ).toBe(true)
  expect(error.message, given).toMatch(/expected|accepted|options are|the names are|needs/)
}

const isOptions = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype

test('everything that is exported and can be called has a case', () => {
  expect(exported().filter((name) => !(name in CALLS))).toEqual([])
})

describe('a function with any arguments succeeds or throws a TastespaceError that says what is accepted', () => {
  test.each(Object.entries(CALLS))(
    '%s',
    async (name, { call, args, code }) => {
      const withArgument = (index: number, value: unknown) => {
        const given = args.map((argument, at) => (at === index ? value : argument))
        return errorOf(() => call(...(given as never[])))
      }
      const own = name.replace(/^.*[.#]| .*$/g, '')
      const usual = await errorOf(() => call(...(args as never[])))
      expect(usual instanceof TastespaceError ? usual.code : usual).toBe(code)
      for (const [index, argument] of args.entries()) {
        // The error of an unknown option lists all options.
        const unknown = isOptions(argument) && (await withArgument(index, { ...argument, 'no such option': 1 }))
        const options = unknown instanceof TastespaceError ? unknown.details.accepted : undefined
        const unreadable = Array.isArray(options) ? UNREADABLE : []
        for (const [what, value] of [...VALUES, ...unreadable]) {
          const error = await withArgument(index, value)
          if (error) expectHelp(error, `argument ${index} of ${name} as ${what}`, [own, 'option', 'kind', 'engine'])
        }
        for (const option of Array.isArray(options) ? options : []) {
          for (const [what, value] of VALUES) {
            const error = await withArgument(index, { ...Object(argument), [option]: value })
            // Without the option its default counts, which may not suit the other arguments.
            const names = value === undefined ? [option, own] : [option]
            if (error) expectHelp(error, `option ${option} of ${name} as ${what}`, names)
          }
        }
      }
      const none = await errorOf(() => call())
      if (none) expectHelp(none, `${name} without arguments`, [own])
    },
    60_000,
  )
})

test.each([
  ['encoding', 'utf-8'],
  ['dateOrder', 'dmy'],
  ['oneUser', 'me'],
])('the option %s of text files is refused for a table', async (option, value) => {
  for (const source of ['test/fixtures/tables/typed.parquet', 'test/fixtures/tables/typed.arrow']) {
    const message = new RegExp(`fromFile: the option '${option}' is for text, and this is an? \\w+ file: leave it out`)
    await expect(Dataset.fromFile(source, { [option]: value })).rejects.toMatchObject({
      code: 'config/unknown-key',
      message: expect.stringMatching(message),
    })
  }
})

test('values that JSON cannot express are refused by name, not left out', async () => {
  const refused = { code: 'config/bad-argument', message: expect.stringMatching(/^recommend: k is NaN; expected/) }
  await expect(cml.recommend('1', { k: Number.NaN })).rejects.toMatchObject(refused)
  await expect(train.filter({ from: new Date('never') })).rejects.toMatchObject({
    message: 'filter: from is an invalid Date; expected a date, text of a date, or seconds',
  })
})

test('ids keep a byte order mark, and a lone surrogate is rejected', async () => {
  const ids = ['\ufeffa', 'a', 'ü', '\ufeff']
  const marked = await Dataset.fromColumns({ user: ids, item: ids, rating: [1, 2, 3, 4] })
  expect(await marked.userIds()).toEqual(ids)
  const model = await createModel('bias')
  await model.fit(marked, { epochs: 1 })
  const lists = await model.recommend(ids, { seen: 'include' })
  expect(new Set(lists[0]?.map(({ item }) => item))).toEqual(new Set(ids))
  for (const lone of ['\ud800', 'x\udc00', '\ud800y']) {
    const refused = { code: 'data/bad-id', message: expect.stringContaining('surrogate') }
    await expect(Dataset.fromRows([{ user: lone, item: 'a' }])).rejects.toMatchObject(refused)
    await expect(model.recommend([lone])).rejects.toMatchObject(refused)
    await expect(model.recommend(['a'], { exclude: [lone] })).rejects.toMatchObject(refused)
  }
  // Lone surrogates in two ids do not form a pair.
  await expect(Dataset.fromRows([{ user: '\ud83d', item: '\ude00' }])).rejects.toMatchObject({ code: 'data/bad-id' })
})

/** Calls with an unknown option: the name of the call, the call, the option and the accepted options. */
const UNKNOWN: readonly [what: string, call: (options: object) => unknown, key: string, accepted: string][] = [
  ['recommend', (options) => cml.recommend('1', options), 'foo', 'k, seen, exclude, candidates, unknown'],
  ['recommend', (options) => cml.recommend('1', options), 'filter', 'k, seen, exclude, candidates, unknown'],
  [
    'recommendFor',
    (options) => cml.recommendFor([{ item: '1' }], options),
    'filter',
    'k, seen, exclude, candidates, unknown',
  ],
  [
    'recommendArrays',
    (options) => cml.recommendArrays(['1'], options),
    'filter',
    'k, seen, exclude, candidates, unknown',
  ],
  [
    'evaluate',
    (options) => cml.evaluate(validation, options),
    'foo',
    'k, negatives, task, metrics, given, exclude, seed, perUser, signal',
  ],
  [
    'fit',
    (options) => cml.fit(train, options),
    'goOn',
    'epochs, validation, validationGiven, patience, metric, validationUsers, seed, signal, onEpoch, refitOn',
  ],
  [
    'continueFit',
    (options) => cml.continueFit(train, options),
    'refitOn',
    'epochs, validation, validationGiven, patience, metric, validationUsers, seed, signal, onEpoch',
  ],
  ['validationSplit', (options) => cml.validationSplit(train, options), 'foo', 'seed'],
  [
    'fromBytes',
    (options) => Dataset.fromBytes('a,b,1\n', options),
    'titles',
    'format, columns, encoding, timeUnit, dateOrder, badRows, missing, oneUser, ratingRange, duplicates, name, items, features, onProgress, engine',
  ],
  [
    'fromRows',
    (options) => Dataset.fromRows([{ user: 1, item: 2 }], options),
    'file',
    'ratingRange, badRows, missing, timeUnit, duplicates, items, features, engine',
  ],
  [
    'fromBytes features',
    (options) => {
      const features = { source: new Uint8Array(), ...options }
      return Dataset.fromBytes('a,b,1\n', { features })
    },
    'file',
    'source, layout, names, encoding',
  ],
  [
    'confidenceIntervals',
    (options) => confidenceIntervals(measured, options),
    'runs',
    'level, resamples, seed, engine',
  ],
  ['pairedTests', (options) => pairedTests(measured, measured, options), 'level', 'resamples, seed, engine'],
  ['create', (settings) => CML.create({}, settings), 'factors', 'engine'],
  ['loadModel', (settings) => loadModel(new Uint8Array(), settings), 'factors', 'engine'],
  ['checkOptions', (settings) => checkOptions('fit', {}, settings), 'metric', 'kind, engine'],
  ['createEngine', (options) => createEngine(options), 'thread', 'threads, build, startTimeout'],
]

test.each(UNKNOWN)('%s rejects an unknown option and lists the accepted ones', async (what, call, key, accepted) => {
  expect(await errorOf(() => call({ [key]: 1 }))).toMatchObject({
    code: 'config/unknown-key',
    message: `${what} has no option '${key}': its options are ${accepted}`,
    details: { key, accepted: accepted.split(', ') },
  })
})

test('checkOptions checks the options of a call by the name of the call', async () => {
  const recommend = { k: 10, seen: 'include', exclude: ['3'], candidates: null, unknown: 'error' }
  expect(await checkOptions('recommend', { seen: 'include', exclude: [3] })).toEqual(recommend)
  await expect(checkOptions('recommend', { filter: ['3'] })).rejects.toMatchObject({ code: 'config/unknown-key' })
  expect(await checkOptions('fit', { epochs: 3, validation })).toEqual({
    seed: 0,
    metric: '',
    validationUsers: 'auto',
    epochs: 3,
    validation,
  })
  await expect(checkOptions('fit', { epochs: 0 })).rejects.toMatchObject({
    code: 'config/out-of-range',
    details: { key: 'epochs', value: 0 },
  })
  await expect(checkOptions('fit', { goOn: true })).rejects.toMatchObject({ code: 'config/unknown-key' })
  expect(await checkOptions('evaluate', { k: [5], given: train })).toMatchObject({ k: [5], negatives: 0, given: train })
  expect(await checkOptions('read', { format: 'csv', name: 'r' })).toMatchObject({ format: 'csv', name: 'r' })
  const split = { by: 'file', validation: true }
  expect(await checkOptions('split', { ...split, test: validation })).toEqual({ ...split, seed: 0, test: validation })
  await expect(checkOptions('split', { by: 'file', test: 'u1.test' })).rejects.toMatchObject({
    code: 'config/bad-argument',
  })
  expect(await checkOptions('resample', { level: 0.9 })).toEqual({ level: 0.9, resamples: 2000, seed: 0 })
})

test.each<[call: () => unknown, message: RegExp]>([
  [
    () => cml.recommend(JSON.parse('[null]')[1]),
    /^recommend: an id in users is undefined; expected text, a finite number or a bigint$/,
  ],
  [() => cml.recommendFor(JSON.parse('[{"id":"1"}]')), /^recommendFor: an id in history is undefined; expected text/],
  [
    () => cml.recommend('1', { exclude: JSON.parse('[{}]') }),
    /^recommend: an id in exclude is an object; expected text/,
  ],
  [
    () => Dataset.fromRows(JSON.parse('[{"user":1}]')),
    /^fromRows: row 1, item: expected text or a number, not undefined/,
  ],
  [
    () => Dataset.fromColumns(JSON.parse('{"user":[1],"item":[null]}')),
    /^fromColumns: row 1, item: expected text or a number, not null/,
  ],
])('an invalid id is rejected with its function and argument: %#', async (call, message) => {
  expect(await errorOf(call)).toMatchObject({ message: expect.stringMatching(message) })
})

test('the error names a folder that does not exist', async () => {
  expect(await errorOf(() => cml.save('/nonexistent/deeper/x'))).toMatchObject({
    code: 'file/not-found',
    message: '/nonexistent/deeper/x cannot be written: there is no folder /nonexistent',
  })
})
