// Calls of random sizes in an engine with little free memory: each has to succeed or be refused (`memory/too-large`), and the engine
// has to answer afterwards.
//
//   npm run memory -- 200 7      # number of calls, default 200, and a seed
import { createEngine, createModel, Dataset, KINDS, TastespaceError } from '../dist/index.mjs'

const calls = Number(process.argv[2] ?? 200)
let state = Number(process.argv[3] ?? Date.now() % 1e6) >>> 0
console.log(`${calls} calls, seed ${state}`)

const counts = { done: 0, refused: 0, crashed: 0, other: 0 }
let [engine, ballast] = await nearlyFull()
for (let call = 0; call < calls; call++) {
  const { name, run } = randomCall()
  try {
    await run()
    counts.done++
  } catch (error) {
    const code = error instanceof TastespaceError ? error.code : String(error)
    if (code === 'memory/too-large') counts.refused++
    else {
      counts[code === 'engine/crashed' ? 'crashed' : 'other']++
      console.log(`call ${call}, ${name}: ${error.message ?? error}`)
    }
  }
  const lives = await ballast[0].info().then(
    ({ rows }) => rows > 0,
    () => false,
  )
  if (lives) continue
  console.log(`call ${call}, ${name}: the engine no longer answers`)
  engine.dispose()
  ;[engine, ballast] = await nearlyFull()
}
const { heldBytes, limitBytes } = await engine.usage()
console.log(
  `${Object.entries(counts)
    .map(([what, count]) => `${count} ${what}`)
    .join(', ')}; ${(heldBytes / 2 ** 20).toFixed(0)} of ${(limitBytes / 2 ** 20).toFixed(0)} MiB held`,
)
process.exitCode = counts.crashed + counts.other > 0 ? 1 : 0
engine.dispose()

/** An engine with 1 to 7 % of its memory free. */
async function nearlyFull() {
  const engine = await createEngine({ threads: 2 })
  const ballast = [await Dataset.synthetic({ engine, users: 100_000, items: 20_000, ratings: 12_000_000 })]
  const wanted = 0.93 + 0.06 * random()
  for (;;) {
    const { usedBytes, limitBytes } = await engine.usage()
    if (usedBytes > wanted * limitBytes) return [engine, ballast]
    const share = Math.min(0.9, ((wanted + 0.005) * limitBytes - usedBytes) / 500e6)
    try {
      const { train, test } = await ballast[0].split({ by: 'random', test: 1 - share, seed: ballast.length })
      test?.dispose()
      ballast.push(train)
    } catch (error) {
      if (error.code !== 'memory/too-large') throw error
      return [engine, ballast]
    }
  }
}

/** A model and data of random sizes, and what is asked of them. */
function randomCall() {
  const kind = pick(KINDS)
  const users = between(10, 300_000)
  const items = Math.min(between(10, 30_000), kind === 'ease' ? 4000 : 30_000)
  const ratings = Math.min(between(100, 600_000), users * items)
  const factors = between(1, 1024)
  const what = pick(['fit', 'recommend', 'similar', 'save', 'evaluate'])
  const name = `${kind} of ${users} users, ${items} items, ${ratings} ratings, ${factors} factors: ${what}`
  return { name, run: () => attempt(kind, { users, items, ratings }, factors, what) }
}

async function attempt(kind, sizes, factors, what) {
  const made = []
  try {
    const data = await Dataset.synthetic({ engine, ...sizes })
    made.push(data)
    const hasFactors = !['ease', 'item-knn', 'pop', 'bias', 'glocal-k'].includes(kind)
    const model = await createModel(kind, hasFactors ? { factors } : {}, { engine })
    made.push(model)
    // Long trainings are stopped: their memory is there from the first epoch on.
    const stop = AbortSignal.timeout(3000)
    await model.fit(data, { epochs: 1, signal: stop }).catch(stopped)
    if (!(await model.info()).fitted) return
    const ids = await data.userIds()
    if (what === 'recommend') await model.recommendArrays(ids, { k: between(1, 500) })
    if (what === 'similar' && 'similarItems' in model) await model.similarItems(await data.itemIds(), { k: 100 })
    if (what === 'save') await model.toBytes()
    if (what === 'evaluate')
      await model.evaluate(data, { task: 'ranking', signal: AbortSignal.timeout(3000) }).catch(stopped)
  } finally {
    for (const each of made) each.dispose()
  }
}

function stopped(error) {
  if (error.name !== 'TimeoutError') throw error
}

/** SplitMix32. */
function random() {
  state = (state + 0x9e3779b9) >>> 0
  let z = state
  z = Math.imul(z ^ (z >>> 16), 0x21f0aaad)
  z = Math.imul(z ^ (z >>> 15), 0x735a2d97)
  return ((z ^ (z >>> 15)) >>> 0) / 2 ** 32
}

/** A whole number, small ones as often as large ones. */
function between(low, high) {
  return Math.round(low * (high / low) ** random())
}

function pick(list) {
  return list[Math.floor(random() * list.length)]
}
