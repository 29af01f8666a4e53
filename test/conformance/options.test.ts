import { readFileSync } from 'node:fs'
import { createModel, describe as describeModels, KINDS } from 'tastespace'
import { expect, test } from 'vitest'

const { models } = await describeModels()

test('every registered kind has a class and the other way round', () => {
  expect(Object.keys(KINDS).sort()).toEqual(models.map((model) => model.kind).sort())
})

/** The options interface of a kind's file: names, with the default that the comment tells. */
function documented(kind: string): Record<string, unknown> {
  const source = readFileSync(new URL(`../../ts/models/${kind}.ts`, import.meta.url), 'utf8')
  const options = source.matchAll(/Default (\[.*?\]|\S+)\.\s+(?:\*\s*)?\*?\/\s+readonly (\w+)\?: /g)
  const value = (text = '') => JSON.parse(text.replaceAll("'", '"').replace(/^\./, '0.'))
  return Object.fromEntries(Array.from(options, ([, text, name]) => [name ?? '', value(text)]))
}

test.each(models)(
  'the options of $kind in TypeScript are those of the engine, with its defaults',
  ({ kind, options }) => {
    expect(documented(kind)).toEqual(Object.fromEntries(options.map((option) => [option.name, option.default])))
  },
)

test.each(models)('$kind takes each option and refuses what is out of its range', async ({ kind, options }) => {
  for (const option of options) {
    const model = await createModel(kind, { [option.name]: option.default })
    expect((await model.info()).options[option.name]).toEqual(option.default)
    if (option.max === undefined || option.default === null) continue
    const beyond = Array.isArray(option.default) ? [option.max * 2] : option.max * 2
    await expect(createModel(kind, { [option.name]: beyond })).rejects.toMatchObject({
      code: 'config/out-of-range',
      details: { kind, key: option.name, value: beyond },
    })
    await expect(createModel(kind, { [option.name]: 'many' })).rejects.toMatchObject({ code: 'config/wrong-type' })
  }
})

test('unknown kinds and options are refused by name, with what is accepted', async () => {
  await expect(createModel('cnl')).rejects.toMatchObject({
    code: 'config/unknown-kind',
    message: `there is no model kind 'cnl': the kinds are ${models.map((model) => model.kind).join(', ')}`,
  })
  await expect(createModel('biased-mf', { factor: 3 })).rejects.toMatchObject({
    code: 'config/unknown-key',
    message: expect.stringContaining(
      "biased-mf has no option 'factor': its options are factors, optimizer, learningRate",
    ),
  })
})
