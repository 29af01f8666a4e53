import { compare, createModelByName, Dataset, describe, type Model, type Row, TastespaceError } from 'tastespace'
import { expect, test } from 'vitest'

const { models } = await describe()

/** Rows of every user with every item but those left out by `of`. */
function grid(users: number, items: number, of: (user: number, item: number) => Partial<Row> | undefined): Row[] {
  const rows: Row[] = []
  for (let user = 0; user < users; user++) {
    for (let item = 0; item < items; item++) {
      const rest = of(user, item)
      if (rest) rows.push({ user: `u${user}`, item: `i${item}`, time: rows.length, ...rest })
    }
  }
  return rows
}

/** Ten thousand bytes. */
const long = 'ä'.repeat(5000)

interface Case {
  readonly rows: readonly Row[]
  /** What `fit` answers by default: it trains, or rejects with a code. Of ranking models, and of those trained in one step. */
  readonly ranking: string
  readonly rating: string
  readonly oneStep: string
  /** With `epochs`, which needs no validation part, where that differs. */
  readonly withEpochs?: { readonly ranking: string; readonly rating: string }
}

const TRAINED = { ranking: 'trained', rating: 'trained', oneStep: 'trained' }

const cases: Record<string, Case> = {
  'one user': {
    rows: grid(1, 12, (_, item) => ({ rating: 1 + (item % 5) })),
    ...TRAINED,
    ranking: 'dataset/no-known-items',
  },
  'one item': {
    rows: grid(12, 1, (user) => ({ rating: 1 + (user % 5) })),
    ...TRAINED,
    ranking: 'dataset/no-known-users',
  },
  'one row': {
    rows: grid(1, 1, () => ({ rating: 3 })),
    ranking: 'split/too-few-rows',
    rating: 'split/too-few-rows',
    oneStep: 'trained',
  },
  'equal ratings': { rows: grid(12, 10, (user, item) => ((user + item) % 3 ? { rating: 3 } : undefined)), ...TRAINED },
  'no negatives': { rows: grid(12, 6, (user, item) => ({ rating: 1 + ((user * item) % 5) })), ...TRAINED },
  'no ratings and no negatives': { rows: grid(12, 6, () => ({})), ...TRAINED, rating: 'dataset/needs-ratings' },
  'only dislikes': {
    rows: grid(6, 6, (user, item) => ({ rating: -1 - ((user + item) % 3) })),
    ...TRAINED,
    ranking: 'dataset/no-positives',
    oneStep: 'dataset/no-positives',
  },
  'a user with very many rows': {
    rows: [
      ...grid(1, 2000, (_, item) => ({ rating: 1 + (item % 5) })),
      ...grid(10, 5, (user, item) => ({ user: `other${user}`, rating: 1 + ((user + item) % 5) })),
    ],
    ...TRAINED,
  },
  'ids of ten thousand bytes': {
    rows: grid(8, 8, (user, item) =>
      (user * item) % 3 ? { user: long + user, item: long + item, rating: 1 + ((user + item) % 5) } : undefined,
    ),
    ...TRAINED,
  },
}

/** `trained`, `ok`, or the code of the error, which has a message. Nothing else is thrown. */
async function outcome(run: () => Promise<unknown>, done = 'ok'): Promise<string> {
  try {
    await run()
    return done
  } catch (error) {
    if (!(error instanceof TastespaceError)) throw error
    expect(error.message).not.toBe('')
    return error.code
  }
}

const table = Object.entries(cases).flatMap(([name, data]) =>
  models.map((kind) => [kind.kind, name, kind, data] as const),
)

test.each(table)('%s on %s', async (_kind, name, kind, { rows, ...expected }) => {
  const data = await Dataset.fromRows(rows)
  const options = kind.sequential ? { order: 'rows' } : {}
  const model = await createModelByName(kind.kind, options)
  try {
    const oneStep = kind.epochs === 1
    const byTask = kind.task === 'rating' ? expected.rating : oneStep ? expected.oneStep : expected.ranking
    // Sequential kinds hold out the last row of each user, and many epochs on thousands of rows take long.
    const slow = name.startsWith('a user with')
    if (!slow) {
      const fitted = await outcome(() => model.fit(data), 'trained')
      if (kind.sequential) expect(['trained', byTask, 'split/too-few-rows', 'dataset/no-known-items']).toContain(fitted)
      else expect(fitted).toBe(kind.epochs === 1 && byTask.startsWith('split/') ? 'trained' : byTask)
    }
    // Where only validation was impossible, a number of epochs is the way on.
    const impossible = /^dataset\/(needs-ratings|no-positives)$/.test(byTask)
    const trained = await outcome(() => model.fit(data, { epochs: 1 }), 'trained')
    if (kind.sequential) expect(['trained', 'dataset/no-positives', 'dataset/too-short']).toContain(trained)
    else expect(trained).toBe(impossible ? byTask : 'trained')
    if (trained === 'trained') await answers(model, rows)
  } finally {
    model.dispose()
    data.dispose()
  }
})

/** Every call answers with finite numbers, or by a named error. */
async function answers(model: Model, rows: readonly Row[]): Promise<void> {
  const { user, item } = rows[0] ?? { user: '', item: '' }
  const data = await Dataset.fromRows(rows)
  const { values } = await model.evaluate(data)
  for (const value of Object.values(values)) expect(value).toBeTypeOf('number')
  await model.recommend(user)
  const [best] = await model.recommend(user, { seen: 'include', k: 1 })
  expect(best?.score).toSatisfy(Number.isFinite)
  for (const history of [[], [{ item }]]) {
    const list = await outcome(async () => {
      for (const { score } of await model.recommendFor(history)) expect(score).toSatisfy(Number.isFinite)
    })
    expect(['ok', 'model/empty-history']).toContain(list)
  }
  if ('similarItems' in model && typeof model.similarItems === 'function') {
    for (const { score } of await model.similarItems(item)) expect(score).toSatisfy(Number.isFinite)
  }
  for (const { value } of (await model.explain(user, item)).parts) expect(value).toSatisfy(Number.isFinite)
  expect((await model.toBytes()).length).toBeGreaterThan(0)
  data.dispose()
}

test.each(Object.entries(cases).filter(([name]) => !name.startsWith('a user with')))(
  'compare on %s',
  async (_name, { rows }) => {
    const data = await Dataset.fromRows(rows)
    let errors: string[] = []
    const compared = await outcome(async () => {
      const { tables } = await compare(data, { epochs: 2, resamples: 100, permutations: 100 })
      errors = tables.flatMap(({ models }) => models.flatMap(({ error }) => (error ? [error.code] : [])))
    })
    expect(['ok', 'split/too-few-rows']).toContain(compared)
    for (const code of errors) expect(code).toMatch(/^(dataset|split|model)\//)
  },
)
