// The studio in headless Chromium, which draws by software: the time of the first load, frames a second of a large map, training
// beside Node's, and the tasks that hold the page meanwhile.
//
//   node bench/studio.mjs [--items 100000] [--data ratings-file] [--seconds 5] [--repeat 3]
//
// The data of the map is generated. Without --data the training is on the embedded set; give MovieLens 100K's u.data for the
// figures of docs/benchmarks.md.
import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { loadavg, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { createModel, Dataset } from '../dist/index.mjs'
import { launch } from '../scripts/lib/chromium.mjs'

const { values } = parseArgs({
  options: {
    items: { type: 'string', default: '100000' },
    data: { type: 'string' },
    seconds: { type: 'string', default: '5' },
    repeat: { type: 'string', default: '3' },
  },
})
const [items, seconds, repeat] = [Number(values.items), Number(values.seconds), Number(values.repeat)]

console.log(
  `load averages ${loadavg()
    .map((value) => value.toFixed(2))
    .join(' ')}`,
)
const folder = await mkdtemp(join(tmpdir(), 'tastespace-studio-'))
const browser = await launch()
try {
  await firstLoad()
  await map()
  await training()
} finally {
  await browser.close()
  await rm(folder, { recursive: true })
}

/** Times until the data is there and a model can be trained, with nothing in the cache. */
async function firstLoad() {
  const times = []
  for (let round = 0; round < repeat; round++) {
    await withPage([], async (page) => {
      times.push((await page.evaluate(() => performance.now())) / 1000)
    })
  }
  console.log(`first load, until it is usable: ${spread(times)}`)
}

/** Frames a second while the map is dragged and zoomed without a pause. */
async function map() {
  const path = join(folder, 'large.csv')
  await writeFile(
    path,
    Dataset.syntheticCSV({ users: 5000, items, ratings: Math.max(300_000, 5 * items), popularity: 0 }),
  )
  await withPage([path], async (page) => {
    await train(page, 'cml', 1)
    await page.evaluate(() => {
      window.studio.tab.value = 'map'
    })
    await page.locator('.map .marks').waitFor()
    await page.waitForTimeout(1500)
    const box = await page.locator('.map .marks').boundingBox()
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2)
    for (const [name, act] of [
      [
        'drag',
        (step) =>
          page.mouse.move(
            box.x + box.width * (0.5 + 0.2 * Math.sin(step / 9)),
            box.y + box.height * (0.5 + 0.2 * Math.cos(step / 7)),
          ),
      ],
      ['zoom', (step) => page.mouse.wheel(0, step % 40 < 20 ? -60 : 60)],
    ]) {
      if (name === 'drag') await page.mouse.down()
      const frames = page.evaluate(
        (duration) =>
          new Promise((done) => {
            const times = []
            const tick = (now) => {
              times.push(now)
              if (now - times[0] < duration) requestAnimationFrame(tick)
              else done(times.slice(1).map((time, index) => time - times[index]))
            }
            requestAnimationFrame(tick)
          }),
        seconds * 1000,
      )
      let over = false
      frames.then(() => {
        over = true
      })
      for (let step = 0; !over; step++) await act(step)
      if (name === 'drag') await page.mouse.up()
      const gaps = (await frames).sort((a, b) => a - b)
      const rate = (1000 * gaps.length) / gaps.reduce((a, b) => a + b, 0)
      const slow = gaps[Math.floor(gaps.length * 0.95)]
      console.log(
        `map of ${items.toLocaleString('en')} items, ${name}: ${rate.toFixed(1)} frames/s, 95 % of frames within ${slow.toFixed(0)} ms`,
      )
    }
  })
}

/** Times of the same training in the page and in Node, in turn. */
async function training() {
  const given = values.data ? [resolve(values.data)] : []
  await withPage(given, async (page) => {
    await page.evaluate(() => {
      window.studio.tab.value = 'train'
    })
    await page.locator('form button[type="submit"]').waitFor()
    await page.evaluate(() => {
      window.tasks = []
      const observer = new PerformanceObserver((list) => {
        for (const { duration } of list.getEntries()) window.tasks.push(duration)
      })
      observer.observe({ type: 'longtask' })
    })
    for (const kind of ['cml', 'attrec']) {
      const times = { page: [], node: [] }
      for (let round = 0; round < repeat; round++) {
        times.page.push(await train(page, kind, 20))
        times.node.push(await inNode(kind, 20))
      }
      const [there, here] = [median(times.page), median(times.node)]
      console.log(
        `${kind}, 20 epochs on two threads: page ${spread(times.page)}, Node ${spread(times.node)}, page / Node ${(there / here).toFixed(2)}`,
      )
    }
    const tasks = await page.evaluate(() => window.tasks)
    console.log(
      `tasks of the page over 50 ms meanwhile: ${tasks.length === 0 ? 'none' : `${tasks.map(Math.round).join(', ')} ms`}`,
    )
  })
}

async function inNode(kind, epochs) {
  const data = await (values.data
    ? Dataset.fromFile(values.data)
    : Dataset.synthetic({
        users: 800,
        items: 500,
        ratings: 24_000,
        genres: 6,
        activity: 0.5,
        choice: 10,
        popularity: 0.4,
        sequence: 0.4,
      }))
  const { train: rows } = await data.split({ by: 'leave-one-out', validation: true })
  const model = await createModel(kind)
  const { seconds } = await model.fit(rows, { epochs })
  model.dispose()
  return seconds
}

async function train(page, kind, epochs) {
  const before = await page.evaluate(() => window.studio.runs.value.length)
  await page.evaluate(
    ([kind, epochs]) => {
      window.studio.tab.value = 'train'
      window.studio.form.value = { kind, options: {}, seed: 0, epochs }
    },
    [kind, epochs],
  )
  await page.locator('form button[type="submit"]').click()
  await page.waitForFunction(
    (count) =>
      window.studio.runs.value.length > count && window.studio.runs.value.every(({ phase }) => phase === 'done'),
    before,
    { timeout: 600_000 },
  )
  return page.evaluate(() => window.studio.runs.value.at(-1).seconds)
}

async function withPage(given, use) {
  const program = fileURLToPath(new URL('../dist/cli.mjs', import.meta.url))
  const server = spawn(process.execPath, [program, 'studio', ...given, '--port', '0', '--json'])
  const url = await new Promise((done) =>
    createInterface({ input: server.stdout }).once('line', (line) => done(JSON.parse(line).url)),
  )
  const page = await browser.newPage({ viewport: { width: 1280, height: 850 } })
  try {
    await page.goto(url)
    await page.waitForFunction(() => window.studio?.data.value, null, { timeout: 120_000 })
    await use(page)
  } finally {
    await page.close()
    server.kill('SIGINT')
  }
}

function median(times) {
  return [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)]
}

function spread(times) {
  return `${median(times).toFixed(2)} s (${Math.min(...times).toFixed(2)} to ${Math.max(...times).toFixed(2)})`
}
