import { createModelByName, describe as describeModels, KINDS } from 'tastespace'
import { expect, test } from 'vitest'
import { generated, outdated } from '../../scripts/generate.mjs'

const { models } = await describeModels()

test('KINDS lists the kinds of the engine', () => {
  expect([...KINDS].sort()).toEqual(models.map((model) => model.kind).sort())
})

test('describe returns only fields that its type declares', async () => {
  const described = await describeModels()
  const { split, ...calls } = described.options
  const options = [
    ...described.models.flatMap(({ options }) => options),
    ...split.flatMap(({ options }) => options),
    ...Object.values(calls).flat(),
  ]
  const keys = ['name', 'type', 'min', 'max', 'below', 'choices', 'expected', 'typescript', 'default', 'or', 'doc']
  const types = ['integer', 'integers', 'number', 'boolean', 'choice', 'text', 'texts', 'text-lists', 'shape']
  for (const option of options) {
    expect(keys).toEqual(expect.arrayContaining(Object.keys(option)))
    expect(Object.keys(option)).toEqual(expect.arrayContaining(['name', 'type', 'default', 'doc']))
    expect(types).toContain(option.type)
    expect(option.doc).toMatch(/^[A-Z`].*\.$/)
  }
})

test('the generated files match the engine', async () => {
  expect(outdated(await generated())).toEqual([])
})

test.each(models)('$kind accepts each option and rejects values out of range', async ({ kind, options }) => {
  for (const option of options) {
    const model = await createModelByName(kind, { [option.name]: option.default })
    expect((await model.info()).options[option.name]).toEqual(option.default)
    if (option.max === undefined || option.default === null) continue
    const beyond = Array.isArray(option.default) ? [option.max * 2] : option.max * 2
    await expect(createModelByName(kind, { [option.name]: beyond })).rejects.toMatchObject({
      code: 'config/out-of-range',
      details: { kind, key: option.name, value: beyond },
    })
    await expect(createModelByName(kind, { [option.name]: 'many' })).rejects.toMatchObject({
      code: 'config/wrong-type',
    })
  }
})

test('unknown kinds and options are rejected with the accepted names', async () => {
  await expect(createModelByName('cnl')).rejects.toMatchObject({
    code: 'config/unknown-kind',
    message: `unknown model kind 'cnl': expected one of ${models.map((model) => model.kind).join(', ')}`,
  })
  await expect(createModelByName('biased-mf', { factor: 3 })).rejects.toMatchObject({
    code: 'config/unknown-key',
    message: expect.stringContaining(
      "biased-mf has no option 'factor': its options are factors, optimizer, learningRate",
    ),
  })
})
