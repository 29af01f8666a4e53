import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  BiasedMF,
  CML,
  capabilities,
  checkOptions,
  checkWritable,
  compare,
  confidenceIntervals,
  createEngine,
  createModel,
  createModelByName,
  Dataset,
  describe as describeModels,
  isKind,
  LRML,
  loadModel,
  pairedTests,
  readHistory,
  TastespaceError,
  writeFile,
} from 'tastespace'
import { afterAll, describe, expect, test } from 'vitest'

const data = await Dataset.synthetic({ users: 20, items: 15, ratings: 150 })
const { train, validation } = await data.split({ by: 'random', validation: true })
const cml = (await createModel('cml', { factors: 4 })) satisfies CML
await cml.fit(train, { epochs: 1 })
const lrml = await LRML.create({ factors: 4, slots: 2 })
await lrml.fit(train, { epochs: 1 })
const measured = await cml.evaluate(validation, { perUser: true })
const bytes = await cml.toBytes()

const folder = await mkdtemp(join(tmpdir(), 'tastespace-'))
afterAll(() => rm(folder, { recursive: true }))

/** Values that are invalid for most arguments. */
const VALUES: readonly unknown[] = [
  undefined,
  null,
  3,
  Number.NaN,
  // Also a path, for the functions that write files.
  join(folder, 'text'),
  '',
  true,
  10n,
  Symbol('of nothing'),
  [],
  [null],
  [undefined, 3],
  [[null]],
  {},
  { k: null, engine: 3, epochs: 'many', signal: 'now', onEpoch: 3, candidates: 3, exclude: 3, models: 3, seeds: 3 },
  { user: 3, item: [1], features: 3, items: 3, by: 3, from: [], onProgress: 3, options: 3, name: 3 },
  () => {},
  new Date(Number.NaN),
  new URL('https://example.org/ratings.csv'),
]

/** Every public function with valid arguments. A stream can be read only once, so each call makes a new one. */
const FUNCTIONS: Readonly<Record<string, [call: (...args: never[]) => unknown, args: readonly unknown[]]>> = {
  fromFile: [Dataset.fromFile, [new Blob(['a,b,1\n']), {}]],
  fromBytes: [Dataset.fromBytes, ['a,b,1\n', {}]],
  fromStream: [(stream = streamOf('a,b,1\n'), ...rest) => Dataset.fromStream(stream, ...rest), [undefined, {}]],
  fromRows: [Dataset.fromRows, [[{ user: 1, item: 2 }], {}]],
  fromColumns: [Dataset.fromColumns, [{ user: [1], item: [2] }, {}]],
  synthetic: [Dataset.synthetic, [{ users: 5, items: 5, ratings: 9 }]],
  syntheticCSV: [Dataset.syntheticCSV, [{ users: 5, items: 5, ratings: 9 }]],
  filter: [data.filter.bind(data), [{}]],
  split: [data.split.bind(data), ['random:0.1']],
  'data.save': [data.save.bind(data), ['/dev/null', {}]],
  create: [BiasedMF.create, [{ factors: 2 }, {}]],
  createModel: [createModel, ['cml', { factors: 2 }, {}]],
  createModelByName: [createModelByName, ['cml', { factors: 2 }, {}]],
  loadModel: [loadModel, [bytes, {}]],
  checkOptions: [checkOptions, ['split', 'random:0.1', {}]],
  describe: [describeModels, [data.engine]],
  createEngine: [createEngine, [{ build: 'st' }]],
  isKind: [isKind, ['cml']],
  capabilities: [capabilities, []],
  fit: [cml.fit.bind(cml), [train, { epochs: 1, validation }]],
  continueFit: [cml.continueFit.bind(cml), [train, { epochs: 1, validation }]],
  validationSplit: [cml.validationSplit.bind(cml), [train, {}]],
  predict: [cml.predict.bind(cml), [[['1', '2']], { unknown: 'skip' }]],
  recommend: [cml.recommend.bind(cml), [['1'], { k: 2 }]],
  recommendArrays: [cml.recommendArrays.bind(cml), [Uint32Array.of(1), { k: 2 }]],
  recommendFor: [cml.recommendFor.bind(cml), [[{ item: '1' }], { k: 2 }]],
  find: [cml.find.bind(cml), ['1', { k: 2 }]],
  title: [cml.title.bind(cml), ['1']],
  matchHistory: [cml.matchHistory.bind(cml), [{ service: 'list', scale: null, rows: [{ line: 1, id: '1' }] }]],
  readHistory: [readHistory, [new TextEncoder().encode('1\n2=4\n'), {}]],
  explain: [cml.explain.bind(cml), ['1', '2']],
  evaluate: [cml.evaluate.bind(cml), [validation, { given: train }]],
  toBytes: [cml.toBytes.bind(cml), [{}]],
  'model.save': [cml.save.bind(cml), ['/dev/null', {}]],
  similarItems: [cml.similarItems.bind(cml), ['1', {}]],
  similarUsers: [cml.similarUsers.bind(cml), ['1', {}]],
  slots: [lrml.slots.bind(lrml), [{}]],
  confidenceIntervals: [confidenceIntervals, [measured, { resamples: 100 }]],
  pairedTests: [pairedTests, [measured, measured, { resamples: 100 }]],
  compare: [
    compare,
    [
      { train, validation, test: validation },
      { models: ['pop'], resamples: 100, permutations: 100 },
    ],
  ],
  writeFile: [writeFile, ['/dev/null', 'text']],
  checkWritable: [checkWritable, ['/dev/null']],
}

async function* streamOf(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text)
}

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

describe('a function with any arguments succeeds or throws a TastespaceError', () => {
  test.each(Object.entries(FUNCTIONS))('%s', async (name, [call, args]) => {
    if (name !== 'createEngine') expect(await errorOf(() => call(...(args as never[])))).toBeUndefined()
    for (const index of args.keys()) {
      for (const value of VALUES) {
        const wrong = args.map((argument, at) => (at === index ? value : argument)) as never[]
        const error = await errorOf(() => call(...wrong))
        if (error === undefined) continue
        expect(error, `argument ${index} of ${name} is ${String(value)}: ${error}`).toBeInstanceOf(TastespaceError)
      }
    }
    const none = await errorOf(() => call())
    if (none !== undefined) expect(none, `${name}(): ${none}`).toBeInstanceOf(TastespaceError)
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
    'k, negatives, metrics, given, exclude, seed, perUser',
  ],
  [
    'fit',
    (options) => cml.fit(train, options),
    'goOn',
    'epochs, validation, validationGiven, patience, metric, seed, signal, onEpoch, refitOn',
  ],
  [
    'continueFit',
    (options) => cml.continueFit(train, options),
    'refitOn',
    'epochs, validation, validationGiven, patience, metric, seed, signal, onEpoch',
  ],
  ['validationSplit', (options) => cml.validationSplit(train, options), 'foo', 'seed'],
  [
    'fromBytes',
    (options) => Dataset.fromBytes('a,b,1\n', options),
    'titles',
    'format, columns, ratingRange, duplicates, name, items, features, onProgress, engine',
  ],
  [
    'fromRows',
    (options) => Dataset.fromRows([{ user: 1, item: 2 }], options),
    'file',
    'ratingRange, duplicates, items, features, engine',
  ],
  [
    'fromBytes features',
    (options) => {
      const features = { source: new Uint8Array(), ...options }
      return Dataset.fromBytes('a,b,1\n', { features })
    },
    'file',
    'source, layout, names',
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
  expect(await checkOptions('fit', { epochs: 3, validation })).toEqual({ seed: 0, metric: '', epochs: 3, validation })
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

test.each<[call: () => unknown, message: string]>([
  [() => cml.recommend(JSON.parse('[null]')[1]), 'recommend: an id in users is undefined'],
  [() => cml.recommendFor(JSON.parse('[{"id":"1"}]')), 'recommendFor: an id in history is undefined'],
  [() => cml.recommend('1', { exclude: JSON.parse('[{}]') }), 'recommend: an id in exclude is an object'],
  [() => Dataset.fromRows(JSON.parse('[{"user":1}]')), 'fromRows: an id in item is undefined'],
  [() => Dataset.fromColumns(JSON.parse('{"user":[1],"item":[null]}')), 'fromColumns: an id in item is null'],
])('an invalid id is rejected with its function and argument: %#', async (call, message) => {
  const text = `${message}; expected text or a finite number`
  expect(await errorOf(call)).toMatchObject({ code: 'data/bad-id', message: text })
})

test('the error names a folder that does not exist', async () => {
  expect(await errorOf(() => cml.save('/nonexistent/deeper/x'))).toMatchObject({
    code: 'file/not-found',
    message: '/nonexistent/deeper/x cannot be written: there is no folder /nonexistent',
  })
})
