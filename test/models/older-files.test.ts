import { readdirSync, readFileSync } from 'node:fs'
import { KINDS, loadModel } from 'tastespace'
import { describe, expect, test } from 'vitest'

const folder = new URL('../fixtures/models/', import.meta.url)
const versions = readdirSync(folder)

describe.each(versions)('files of version %s', (version) => {
  const names = readdirSync(new URL(`${version}/`, folder)).filter((name) => name.endsWith('.safetensors'))

  test.each(names)('%s loads and answers as it did', async (name) => {
    const path = new URL(`${version}/${name}`, folder)
    const expected = JSON.parse(readFileSync(new URL(path.href.replace('.safetensors', '.json')), 'utf8'))
    const model = await loadModel(path)
    const users = ['u0', 'u7', 'u29']
    const history = [
      { item: 'i3', rating: 5 },
      { item: 'i8', rating: 2 },
    ]
    expect(await model.recommend(users, { k: 5 })).toEqual(expected.lists)
    expect(await model.recommendFor(history, { k: 5 })).toEqual(expected.forHistory)
    expect([...(await model.predict(users.map((user) => [user, 'i4'] as const)))]).toEqual(expected.predictions)
    if ('similarItems' in model) expect(await model.similarItems('i3', { k: 4 })).toEqual(expected.similar)
    expect(await model.explain('u7', 'i4')).toEqual(expected.explanation)
  })
})

test('the latest version has files of every kind', () => {
  const names = readdirSync(new URL(`${versions.at(-1)}/`, folder)).filter((name) => name.endsWith('.safetensors'))
  expect(names.sort()).toEqual(KINDS.map((kind) => `${kind}.safetensors`).sort())
})
