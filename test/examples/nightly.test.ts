// The job of every night, on a PostgreSQL that answers at a port.
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { PGlite } from '@electric-sql/pglite'
import { PGLiteSocketServer } from '@electric-sql/pglite-socket'
import { CML, Dataset, loadModel } from 'tastespace'
import { afterAll, beforeAll, expect, test } from 'vitest'

const root = fileURLToPath(new URL('../../', import.meta.url))
const run = promisify(execFile)
const database = await PGlite.create()
const server = new PGLiteSocketServer({ db: database, port: 0, host: '127.0.0.1' })
const folder = await mkdtemp(join(root, 'target/nightly-'))
afterAll(async () => {
  await server.stop()
  await rm(folder, { recursive: true })
})

beforeAll(async () => {
  await server.start()
  const data = await Dataset.synthetic({ users: 80, items: 60, ratings: 2000 })
  const model = await CML.create({ factors: 8 })
  await model.fit(data, { epochs: 3 })
  await model.save(join(folder, 'model.st'))
  await writeFile(join(folder, 'new.csv'), 'user,item,rating\nnewcomer,1,5\nnewcomer,2,4\n1,new-item,5\n')
})

async function night(): Promise<string> {
  const env = { ...process.env, DATABASE_URL: `postgres://postgres@${server.getServerConn()}/postgres` }
  const words = [join(folder, 'model.st'), join(folder, 'new.csv')]
  const { stdout } = await run(process.execPath, [join(root, 'examples/nightly.mjs'), ...words], { env })
  return stdout
}

test('writes everyone’s list and the model, and again the next night', async () => {
  for (const _ of ['one', 'two']) {
    expect(await night()).toBe('81 lists written\n')
    const model = await loadModel(join(folder, 'model.st'))
    const { rows } = await database.query<{ user_id: string; rank: number; item_id: string; score: number }>(
      'select * from recommendations order by user_id, rank',
    )
    const lists = await model.recommend(['newcomer', '7'], { k: 20 })
    for (const [at, user] of ['newcomer', '7'].entries()) {
      const own = rows.filter(({ user_id }) => user_id === user)
      expect(own.map(({ item_id: item, score }) => ({ item, score: Math.fround(score) }))).toEqual(
        lists[at]?.map(({ item, score }) => ({ item, score })),
      )
    }
  }
})

test('a failure leaves the lists and the model of the night before', async () => {
  const before = await readFile(join(folder, 'model.st'))
  const count = async () => (await database.query('select count(*)::int as n from recommendations')).rows
  const counted = await count()
  await database.exec('alter table recommendations add constraint short check (rank < 10) not valid')
  await expect(night()).rejects.toThrow(/violates check constraint/)
  expect(await count()).toEqual(counted)
  expect(await readFile(join(folder, 'model.st'))).toEqual(before)
})
