import { createHash } from 'node:crypto'
import { createModelByName, Dataset } from 'tastespace'
import { expect, test } from 'vitest'
import { Shard, ShardError } from './module.ts'
import { type Columns, train } from './train.ts'

const [USERS, ITEMS, SEED, EPOCHS] = [300, 90, 7, 3]

/** Ratings of all users and all items, each pair once, in no order of ids. `low` has most ratings below the middle. */
function ratings(low: boolean): Columns {
  const rows: [number, number, number][] = []
  for (let step = 0; step < 20; step++) {
    for (let at = 0; at < USERS; at++) {
      const user = (at * 7 + step) % USERS
      const item = (user * 13 + step * 17 + (user % 5) * step) % ITEMS
      const rating = 1 + ((user * 3 + item * 5 + step) % 9) / 2
      rows.push([user, item, low ? 1 + (rating - 1) ** 2 / 4 : rating])
    }
  }
  const last = new Map(rows.map(([user, item], row) => [`${user} ${item}`, row]))
  return { users: USERS, items: ITEMS, rows: rows.filter(([user, item], row) => last.get(`${user} ${item}`) === row) }
}

/** The tensors of a model file. */
function tensorsOf(bytes: Uint8Array): Map<string, Uint8Array> {
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true))
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length))) as Record<
    string,
    { data_offsets: [number, number] }
  >
  const tensors = Object.entries(header).filter(([name]) => name !== '__metadata__')
  return new Map(
    tensors.map(([name, { data_offsets: ends }]) => [name, bytes.subarray(8 + length + ends[0], 8 + length + ends[1])]),
  )
}

const hash = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

test.each([
  ['biased-mf', { factors: 12 }, false],
  ['biased-mf', { factors: 8, blocks: 11, penalty: 0.02, mean: false }, false],
  ['biased-mf', { factors: 8 }, true],
  ['bpr', { factors: 12 }, false],
  ['bpr', { factors: 8, blocks: 64 }, false],
] as const)(
  '%s %o, low ratings %o: 1, 2, 4 and 8 tasks have the parameters of one engine',
  async (kind, options, low) => {
    const data = ratings(low)
    const all = await Dataset.fromColumns({
      user: data.rows.map(([user]) => String(user)),
      item: data.rows.map(([, item]) => String(item)),
      rating: Float32Array.from(data.rows, ([, , rating]) => rating),
    })
    const model = await createModelByName(kind, options)
    const expectedLosses: number[] = []
    await model.fit(all, { epochs: EPOCHS, seed: SEED, onEpoch: ({ loss }) => void expectedLosses.push(loss) })
    const file = tensorsOf(await model.toBytes())
    for (const tasks of [1, 2, 4, 8]) {
      const { tensors, losses } = train(data, { kind, options, seed: SEED, epochs: EPOCHS, tasks })
      for (const [name, values] of Object.entries(tensors)) {
        const expected = file.get(name)
        expect(expected, name).toBeDefined()
        expect(hash(new Uint8Array(values.buffer)), `${name} of ${tasks} tasks`).toBe(hash(expected as Uint8Array))
      }
      expect(losses).toEqual(expectedLosses)
    }
    model.dispose()
  },
)

test('the module has no imports', () => {
  expect(Shard.imports).toBe(0)
})

test('errors are codes and text', () => {
  const shard = new Shard()
  const code = (request: Record<string, unknown>, parts: Float64Array[] = []) => {
    try {
      shard.call(request, parts)
    } catch (error) {
      if (error instanceof ShardError) return [error.code, error.message]
      throw error
    }
    return []
  }
  expect(code({ call: 'check', kind: 'cml', options: {} })).toEqual([
    'config/unknown-kind',
    "unknown model kind 'cml': expected one of biased-mf, bpr",
  ])
  expect(code({ call: 'check', kind: 'bpr', options: { factors: 0 } })[0]).toBe('config/out-of-range')
  expect(code({ call: 'cut', epoch: 0 })).toEqual(['shard/bad-request', 'no run was begun'])
  expect(code({ call: 'sing' })[0]).toBe('shard/bad-request')
  const numbers = [new Float64Array(1), new Float64Array(1), new Float64Array(3)]
  expect(code({ call: 'begin', kind: 'bpr', options: {}, seed: 0 }, numbers)[0]).toBe('dataset/empty')
  const { json } = shard.call({ call: 'check', kind: 'bpr', options: { factors: 16 } })
  expect(json.options).toMatchObject({ factors: 16, blocks: 8 })
  const how = { task: 'ranking', epochs: 150, patience: 20, patienceAfter: 0, hasStart: false }
  expect(json.how).toEqual(how)
})
