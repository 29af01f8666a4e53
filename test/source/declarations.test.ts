import { readFileSync } from 'node:fs'
import {
  type AnyModel,
  BiasedMF,
  type CheckOptions,
  CML,
  type CompareOptions,
  type Contestant,
  createModel,
  Dataset,
  type Engine,
  type Kind,
  loadModel,
  type ModelInfo,
  type Popularity,
} from 'tastespace'
import { expect, expectTypeOf, test } from 'vitest'

const read = (name: string) => readFileSync(new URL(`../../dist/${name}`, import.meta.url), 'utf8')
const index = read('index.d.ts')
/** Types that other entries have too are in files of their own. */
const shared = [...new Set([...index.matchAll(/from '\.\/(.+)\.js'/g)].map(([, name]) => `${name}.d.ts`))]
const declarations = [index, ...shared.map(read)].join('\n')

test('nothing internal is declared', () => {
  const internal =
    /@internal|EngineClient|EngineCalls|Diagnostics|callUntil|injectFault|setMemoryLimit|Resource\b|\bHandle\b/
  expect(declarations.match(internal)?.[0]).toBeUndefined()
})

test('every class has an example, and every async method has an example or its error codes', () => {
  const methods = declarations.matchAll(
    /( {4}\/\*\*(?:(?!\*\/)[\s\S])*\*\/)\n {4}(?:static )?(\w+)[(<][^\n]*(?:Promise|AsyncGenerator)</g,
  )
  const lacking = [...methods]
    .filter(
      ([, comment = '', name = '']) =>
        !/Ids$|Titles$|Genres$|^(toCSV|toJSONLines|itemsAsCSV|info|usage)$/.test(name) &&
        !/@(example|throws)/.test(comment),
    )
    .map(([, , name]) => name)
  expect(lacking).toEqual([])
  const classes = declarations.matchAll(/(\/\*\*(?:(?!\*\/)[\s\S])*\*\/)\ndeclare class (\w+)/g)
  const named = [...classes].filter(([, comment = '']) => !/@example/.test(comment)).map(([, , name]) => name)
  expect(named).toEqual(['TastespaceError'])
})

test('the types match the API', async () => {
  expectTypeOf<Engine>().not.toHaveProperty('call')
  expectTypeOf(createModel('cml', { factors: 3 })).resolves.toEqualTypeOf<CML>()
  expectTypeOf<BiasedMF>().not.toExtend<CML>()
  expectTypeOf<Popularity>().not.toHaveProperty('similarItems')
  expectTypeOf<Contestant['kind']>().toEqualTypeOf<Kind>()
  expectTypeOf<NonNullable<CompareOptions['models']>[number]>().toEqualTypeOf<Kind | Contestant>()
  expectTypeOf<NonNullable<CheckOptions['kind']>>().toEqualTypeOf<Kind>()
  expectTypeOf<CML>().toHaveProperty('userVectors')
  // @ts-expect-error An option that the kind does not have.
  await expect(createModel('cml', { factor: 3 })).rejects.toMatchObject({ code: 'config/unknown-key' })
  // @ts-expect-error An unknown kind.
  await expect(createModel('cnl')).rejects.toMatchObject({ code: 'config/unknown-kind' })
  // @ts-expect-error Models are made by create, createModel and loadModel.
  expect(() => new CML({})).toThrow('CML')

  const data = await Dataset.synthetic({ users: 20, items: 15, ratings: 200 })
  const { train, validation, test } = await data.split({ by: 'leave-one-out', validation: true })
  expectTypeOf(validation).toEqualTypeOf<Dataset>()
  expectTypeOf(test).toEqualTypeOf<Dataset>()
  expectTypeOf((await data.split({ by: 'random', test: 0.2 })).validation).toEqualTypeOf<Dataset | undefined>()
  expectTypeOf((await data.split('per-user:0.6,0.2,0.2')).validation).toEqualTypeOf<Dataset>()
  expectTypeOf((await data.split({ by: 'random', test: 0 })).test).toEqualTypeOf<Dataset | undefined>()
  expectTypeOf((await data.split('random:0.2')).test).toEqualTypeOf<Dataset>()
  const model = await BiasedMF.create({ factors: 2 })
  await model.fit(train, { epochs: 1, validation })
  const loaded = await loadModel(await model.toBytes())
  expectTypeOf(loaded).toEqualTypeOf<AnyModel>()
  if (loaded.kind === 'biased-mf') expectTypeOf(loaded).toEqualTypeOf<BiasedMF>()
  const info = await model.info()
  expectTypeOf(info).toEqualTypeOf<ModelInfo>()
  if (info.fitted) expectTypeOf(info.users).toEqualTypeOf<number>()
  expect(info.fitted).toBe(true)
  expect(String(Object.getPrototypeOf(model).constructor.name)).toBe('BiasedMF')
})
