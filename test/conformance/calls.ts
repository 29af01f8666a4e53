// Every public function and method with valid arguments.
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { tableFromArrays } from 'apache-arrow'
import * as library from 'tastespace'
import { type CML, createModel, Dataset, LRML, type Publication, publications } from 'tastespace'
import { afterAll } from 'vitest'

/** A folder of the tests, removed after them. Downloads are cached below it. */
export const folder = await mkdtemp(join(tmpdir(), 'tastespace-'))
process.env.XDG_CACHE_HOME = folder
afterAll(() => rm(folder, { recursive: true }))

export const data = await Dataset.synthetic({ users: 20, items: 15, ratings: 150 })
export const { train, validation } = await data.split({ by: 'random', validation: true })
export const cml = (await createModel('cml', { factors: 4 })) satisfies CML
await cml.fit(train, { epochs: 1 })
const lrml = await LRML.create({ factors: 4, slots: 2 })
await lrml.fit(train, { epochs: 1 })
export const measured = await cml.evaluate(validation, { perUser: true })
const bytes = await cml.toBytes()

const PARQUET = 'test/fixtures/tables/typed.parquet'
const COLUMNS = { user: 'text', item: 'item', rating: 'decimal', time: 'at_us' }
const HISTORY = { service: 'list', scale: null, rows: [{ line: 1, id: '1' }] }
const RANKING = { seen: 'include', unknown: 'skip' }

/** A server that has no file, so that a download fails at once. */
const server = createServer((_, response) => response.writeHead(404).end())
await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
afterAll(() => server.close())
const { port } = server.address() as AddressInfo
// Without the address of a checksum, which is on another host.
const { md5: _, ...published } = publications['ml-100k'] as Publication
const missing = { ...published, url: `http://127.0.0.1:${port}/set.zip` }

export interface Call {
  readonly call: (...args: never[]) => unknown
  readonly args: readonly unknown[]
  /** The code of the error that it has with these arguments, in the tests. */
  readonly code?: string
}

function valid(call: Call['call'], ...args: readonly unknown[]): Call {
  return { call, args }
}

/** A method of a model or a data set. */
function method<Of extends object>(object: Of, name: keyof Of & string, ...args: readonly unknown[]): Call {
  const call = object[name] as Call['call']
  return { call: call.bind(object), args }
}

async function* streamOf(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text)
}

/** Those of the classes of models, each of the class that declares it. */
const MODELS: Readonly<Record<string, Call>> = Object.fromEntries(
  library.KINDS.map((kind) => {
    const of = Object.values(library).find((value) => {
      return typeof value === 'function' && 'create' in value && new RegExp(`'${kind}'|"${kind}"`).test(String(value))
    }) as unknown as { name: string; create: Call['call'] }
    return [`${of.name}.create`, valid(of.create, {}, {})]
  }),
)

/** By `Class.static`, `Class#method` or the name of the function. */
export const CALLS: Readonly<Record<string, Call>> = {
  ...MODELS,
  'Dataset.fromFile': valid(Dataset.fromFile, new Blob(['a,b,1\n']), {}),
  'Dataset.fromFile of a table': valid(Dataset.fromFile, PARQUET, { columns: COLUMNS }),
  'Dataset.fromParquet': valid(Dataset.fromParquet, PARQUET, { columns: COLUMNS, library: 'hyparquet' }),
  'Dataset.fromArrow': valid(Dataset.fromArrow, tableFromArrays({ user: ['a'], item: [1], rating: [5] }), {}),
  'Dataset.fromSQL': valid(Dataset.fromSQL, "select 'a' as user, 1 as item, 5.0 as rating", {}),
  'Dataset.fromBytes': valid(Dataset.fromBytes, 'a,b,1\n', {}),
  // A stream can be read only once, so each call makes a new one.
  'Dataset.fromStream': valid(
    (stream = streamOf('a,b,1\n'), ...rest) => Dataset.fromStream(stream, ...rest),
    undefined,
    {},
  ),
  'Dataset.fromRows': valid(Dataset.fromRows, [{ user: 1, item: 2 }], {}),
  'Dataset.fromColumns': valid(Dataset.fromColumns, { user: [1], item: [2] }, {}),
  'Dataset.concat': valid(Dataset.concat, [data, data], {}),
  'Dataset.synthetic': valid(Dataset.synthetic, { users: 5, items: 5, ratings: 9 }),
  'Dataset.syntheticCSV': valid(Dataset.syntheticCSV, { users: 5, items: 5, ratings: 9 }),
  'Dataset#filter': method(data, 'filter', {}),
  'Dataset#split': method(data, 'split', 'random:0.1'),
  'Dataset#split by a rule': method(data, 'split', { by: 'random' }),
  'Dataset#save': method(data, 'save', '/dev/null', {}),
  'Dataset#info': method(data, 'info'),
  'Dataset#userIds': method(data, 'userIds'),
  'Dataset#itemIds': method(data, 'itemIds'),
  'Dataset#itemTitles': method(data, 'itemTitles'),
  'Dataset#itemGenres': method(data, 'itemGenres'),
  'Dataset#toCSV': method(data, 'toCSV'),
  'Dataset#toJSONLines': method(data, 'toJSONLines'),
  'Dataset#itemsAsCSV': method(data, 'itemsAsCSV'),
  'Model#fit': method(cml, 'fit', train, { epochs: 1, validation }),
  'Model#continueFit': method(cml, 'continueFit', train, { epochs: 1, validation }),
  'Model#validationSplit': method(cml, 'validationSplit', train, {}),
  'ServingModel#predict': method(cml, 'predict', [['1', '2']], { unknown: 'skip' }),
  'ServingModel#recommend': method(cml, 'recommend', ['1'], RANKING),
  'ServingModel#recommendArrays': method(cml, 'recommendArrays', Uint32Array.of(1), RANKING),
  'ServingModel#recommendAll': method(cml, 'recommendAll', { k: 2 }),
  'ServingModel#recommendFor': method(cml, 'recommendFor', [{ item: '1' }], RANKING),
  'ServingModel#find': method(cml, 'find', '1', { k: 2 }),
  'ServingModel#title': method(cml, 'title', '1'),
  'ServingModel#genres': method(cml, 'genres'),
  'ServingModel#features': method(cml, 'features'),
  'ServingModel#itemRows': method(cml, 'itemRows'),
  'ServingModel#matchHistory': method(cml, 'matchHistory', HISTORY),
  'ServingModel#explainFor': method(cml, 'explainFor', [{ item: '1' }], '2'),
  'ServingModel#explain': method(cml, 'explain', '1', '2'),
  'Model#evaluate': method(cml, 'evaluate', validation, { given: train }),
  'ServingModel#rankingVectors': method(cml, 'rankingVectors'),
  'ServingModel#seenItems': method(cml, 'seenItems'),
  'ServingModel#info': method(cml, 'info'),
  'ServingModel#userIds': method(cml, 'userIds'),
  'ServingModel#itemIds': method(cml, 'itemIds'),
  'ServingModel#itemTitles': method(cml, 'itemTitles'),
  'Model#toBytes': method(cml, 'toBytes', {}),
  'Model#save': method(cml, 'save', '/dev/null', {}),
  'Model#dispose': valid(async () => (await createModel('pop')).dispose()),
  'ItemSimilarityModel#similarItems': method(cml, 'similarItems', '1', {}),
  'UserSimilarityModel#similarUsers': method(cml, 'similarUsers', '1', {}),
  'ItemEmbeddingModel#itemVectors': method(cml, 'itemVectors'),
  'EmbeddingModel#userVectors': method(cml, 'userVectors'),
  'MemoryModel#slots': method(lrml, 'slots', {}),
  'TastespaceError.fromJSON': valid(library.TastespaceError.fromJSON, { code: 'a/b', message: 'c', details: {} }),
  'TastespaceError#toJSON': method(new library.TastespaceError('a/b', 'c'), 'toJSON'),
  createModel: valid(createModel, 'cml', { factors: 2 }, {}),
  createModelByName: valid(library.createModelByName, 'cml', { factors: 2 }, {}),
  loadModel: valid(library.loadModel, bytes, {}),
  readHistory: valid(library.readHistory, new TextEncoder().encode('1\n2=4\n'), {}),
  checkOptions: valid(library.checkOptions, 'split', 'random:0.1', {}),
  describe: valid(library.describe, data.engine),
  createEngine: valid(library.createEngine, { build: 'st' }),
  isKind: valid(library.isKind, 'cml'),
  capabilities: valid(library.capabilities),
  confidenceIntervals: valid(library.confidenceIntervals, measured, { resamples: 100 }),
  pairedTests: valid(library.pairedTests, measured, measured, { resamples: 100 }),
  createStudy: valid(library.createStudy, { kind: 'ease', trials: 1 }, {}),
  tune: valid(library.tune, { train, validation }, { kind: 'ease', trials: 1 }),
  compare: valid(
    library.compare,
    { train, validation, test: validation },
    { models: ['pop'], resamples: 100, permutations: 100 },
  ),
  fetchData: {
    call: library.fetchData,
    args: ['set', { publications: { set: missing }, dir: join(folder, 'set'), cache: join(folder, 'cache') }],
    code: 'fetch/failed',
  },
  writeFile: valid(library.writeFile, '/dev/null', 'text'),
  checkWritable: valid(library.checkWritable, '/dev/null'),
}

/** The names of everything that the package exports and that can be called. */
export function exported(): string[] {
  return Object.entries(library).flatMap(([name, value]): string[] => {
    if (typeof value !== 'function') return []
    if (!/^class\b/.test(Function.prototype.toString.call(value))) return [name]
    const statics = Object.getOwnPropertyNames(value).filter((key) => {
      // `of` is for the package itself, and not in its declarations.
      return typeof Reflect.get(value, key) === 'function' && key !== 'of'
    })
    const { prototype }: { prototype: object } = value
    const methods = Object.entries(Object.getOwnPropertyDescriptors(prototype)).filter(([key, { value }]) => {
      return typeof value === 'function' && key !== 'constructor'
    })
    return [...statics.map((key) => `${name}.${key}`), ...methods.map(([key]) => `${name}#${key}`)]
  })
}
