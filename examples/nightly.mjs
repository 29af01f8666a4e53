// A job for every night: the day's ratings → the model goes on → everyone's list into PostgreSQL, in one transaction.
//
//   DATABASE_URL=postgres://… node nightly.mjs model.safetensors new-ratings.csv
//
// Needs the packages tastespace and pg. Whoever reads the table sees the lists of yesterday until all of today's are there.
import pg from 'pg'
import { Dataset, loadModel } from 'tastespace'

const [modelFile, newRatings] = process.argv.slice(2)
const LENGTH = 20
const USERS_AT_ONCE = 1000

// The model has the interactions of before, and is trained on both.
const model = await loadModel(modelFile)
await model.continueFit(await Dataset.fromFile(newRatings), { epochs: 5 })

const client = new pg.Client(process.env.DATABASE_URL)
await client.connect()
try {
  await client.query('begin')
  await client.query(
    `create table if not exists recommendations (
      user_id text, rank integer, item_id text not null, score real not null, primary key (user_id, rank)
    )`,
  )
  await client.query('delete from recommendations')
  const items = await model.itemIds()
  const users = await model.userIds()
  for (let from = 0; from < users.length; from += USERS_AT_ONCE) {
    const some = users.slice(from, from + USERS_AT_ONCE)
    const lists = await model.recommendArrays(some, { k: LENGTH })
    const columns = { users: [], ranks: [], items: [], scores: Array.from(lists.scores) }
    some.forEach((user, at) => {
      const start = lists.ends[at - 1] ?? 0
      for (let place = start; place < lists.ends[at]; place++) {
        columns.users.push(user)
        columns.ranks.push(place - start + 1)
        columns.items.push(items[lists.items[place]])
      }
    })
    await client.query(
      'insert into recommendations select * from unnest($1::text[], $2::integer[], $3::text[], $4::real[])',
      [columns.users, columns.ranks, columns.items, columns.scores],
    )
  }
  await client.query('commit')
  // Last: if anything fails, the next night starts from the same model.
  await model.save(modelFile)
  console.log(`${users.length} lists written`)
} finally {
  await client.end()
}
process.exit()
