// How the time of training, reading and evaluation grows with interactions, users, items and factors:
//
//   node bench/growth.mjs [--kinds cml,bpr] [--axes interactions,items] [--seconds 30] [--no-record]
//
// Each point is generated data; the other sizes stay. Times are CPU seconds of the build without threads, so that the machine
// may be busy. A kind that is trained by epochs is timed by its second one. A point that would take longer than --seconds is left
// out, as is one that needs more memory than there is. The exponent is the slope of the line through the points from 20
// milliseconds on, by least squares of the logarithms.
import { writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import { createEngine, createModelByName, Dataset, describe, TastespaceError } from '../dist/index.mjs'
import { main } from '../scripts/lib/command.mjs'
import { root } from '../scripts/lib/root.mjs'
import { facts, listed } from './lib/machine.mjs'
import { svg } from './lib/plot.mjs'
import { folder, keep } from './lib/record.mjs'
import { table } from './lib/report.mjs'

/** The point that all axes meet in: twenty interactions a user. */
const MIDDLE = { interactions: 200_000, users: 10_000, items: 5_000, factors: 32 }

const AXES = {
  interactions: [20_000, 60_000, 200_000, 600_000, 2_000_000, 6_000_000, 20_000_000],
  users: [1_000, 3_000, 10_000, 30_000, 100_000],
  items: [500, 1_500, 5_000, 15_000, 50_000, 150_000, 500_000],
  factors: [8, 16, 32, 64, 128, 256],
}

/** Work that is not training: reading, and an evaluation of all users. */
const OTHERS = ['read', 'evaluate']

/** Shorter times are mostly those of a call. */
const SHORTEST = 0.02

await main(async () => {
  const { values: flags } = parseArgs({
    options: {
      kinds: { type: 'string' },
      axes: { type: 'string' },
      seconds: { type: 'string', default: '30' },
      'no-record': { type: 'boolean' },
    },
  })
  const { models } = await describe()
  const subjects = flags.kinds?.split(',') ?? [...models.map(({ kind }) => kind), ...OTHERS]
  const axes = flags.axes?.split(',') ?? Object.keys(AXES)
  const points = []
  for (const axis of axes) {
    for (const subject of subjects) {
      const model = models.find(({ kind }) => kind === subject)
      if (axis === 'factors' && !model?.options.some(({ name }) => name === 'factors')) continue
      points.push(...(await pointsOf(axis, subject, model, Number(flags.seconds))))
    }
  }
  const text = [
    'CPU seconds of one thread; exponents by least squares',
    ...axes.map((axis) => `${axis}: ${others(axis)}\n\n${tableOf(axis, subjects, points)}`),
    listed(facts()),
  ].join('\n\n')
  console.log(text)
  if (flags['no-record']) return
  const lines = points.map(({ axis, subject, size, seconds, peakBytes }) =>
    [axis, subject, size, seconds.toFixed(4), peakBytes].join(','),
  )
  const path = keep('growth', 'axis,subject,size,cpu_seconds,peak_memory_bytes', lines, text)
  writeFileSync(join(folder, 'growth.svg'), await svg(chart(points)))
  console.log(`Kept: ${relative(root, path)}.csv, .txt; growth.svg`)
})

/** The points of an axis, smallest first, until one takes too long or has no room. */
async function pointsOf(axis, subject, model, limit) {
  const points = []
  for (const size of AXES[axis]) {
    const sizes = { ...MIDDLE, [axis]: size }
    const last = points.at(-1)
    // Seldom steeper than a square.
    if (last && last.seconds * (size / last.size) ** 2 > 10 * limit) break
    const point = await measured(sizes, subject, model).catch((error) => {
      if (error instanceof TastespaceError && /^(memory|config|engine)\//.test(error.code)) return undefined
      throw error
    })
    if (!point) break
    console.error(`${axis} ${size}: ${subject} ${point.seconds.toFixed(3)} s`)
    points.push({ axis, subject, size, ...point })
    if (point.seconds > limit) break
  }
  return points
}

async function measured({ interactions, users, items, factors }, subject, model) {
  const engine = await createEngine({ build: 'st' })
  try {
    const data = await Dataset.synthetic({ users, items, ratings: interactions, engine })
    if (subject === 'read') {
      const pieces = []
      for await (const piece of data.toCSV()) pieces.push(piece)
      const text = Buffer.concat(pieces)
      return await timed(engine, async () => (await Dataset.fromBytes(text, { engine })).dispose())
    }
    if (subject === 'evaluate') {
      const { train, test } = await data.split({ by: 'random', test: 0.1 })
      const bpr = await createModelByName('bpr', {}, { engine })
      await bpr.fit(train, { epochs: 1 })
      return await timed(engine, () => bpr.evaluate(test))
    }
    const options = model.options.some(({ name }) => name === 'factors') ? { factors } : {}
    const fitted = await createModelByName(subject, options, { engine })
    if (model.epochs === 1) return await timed(engine, () => fitted.fit(data))
    let first
    const onEpoch = ({ epoch }) => {
      if (epoch === 1) first = process.cpuUsage()
    }
    await fitted.fit(data, { epochs: 2, onEpoch })
    return { seconds: spent(first), ...(await memoryOf(engine)) }
  } finally {
    engine.dispose()
  }
}

async function timed(engine, run) {
  const before = process.cpuUsage()
  await run()
  return { seconds: spent(before), ...(await memoryOf(engine)) }
}

function spent(since) {
  const { user, system } = process.cpuUsage(since)
  return (user + system) / 1e6
}

async function memoryOf(engine) {
  return { peakBytes: (await engine.usage()).peakBytes }
}

/** The sizes that stay. */
function others(axis) {
  return Object.entries(MIDDLE)
    .filter(([name]) => name !== axis)
    .map(([name, size]) => `${size.toLocaleString('en')} ${name}`)
    .join(', ')
}

function tableOf(axis, subjects, points) {
  const rows = subjects.flatMap((subject) => {
    const own = points.filter((point) => point.axis === axis && point.subject === subject)
    if (own.length === 0) return []
    const cells = AXES[axis].map((size) => own.find((point) => point.size === size)?.seconds.toPrecision(2) ?? '')
    return [[subject, ...cells, exponentOf(own)?.toFixed(2) ?? '']]
  })
  return table([['', ...AXES[axis].map((size) => size.toLocaleString('en')), 'exponent'], ...rows])
}

/** The slope of the logarithms; undefined for fewer than three points that are long enough. */
function exponentOf(points) {
  const logs = points
    .filter(({ seconds }) => seconds >= SHORTEST)
    .map(({ size, seconds }) => [Math.log(size), Math.log(seconds)])
  if (logs.length < 3) return undefined
  const mean = (at) => logs.reduce((sum, pair) => sum + pair[at], 0) / logs.length
  const [x, y] = [mean(0), mean(1)]
  const slope = (pair) => (pair[0] - x) * (pair[1] - y)
  return logs.reduce((sum, pair) => sum + slope(pair), 0) / logs.reduce((sum, [at]) => sum + (at - x) ** 2, 0)
}

function chart(points) {
  const scale = { type: 'log' }
  return {
    hconcat: Object.keys(AXES).map((axis) => ({
      title: { text: axis, fontWeight: 'normal' },
      width: 220,
      height: 300,
      data: { values: points.filter((point) => point.axis === axis && point.seconds >= SHORTEST) },
      mark: { type: 'line', point: true },
      encoding: {
        x: { field: 'size', type: 'quantitative', scale, title: null },
        y: { field: 'seconds', type: 'quantitative', scale, title: 'CPU seconds' },
        color: { field: 'subject', type: 'nominal', title: null, scale: { scheme: 'category20' } },
      },
    })),
  }
}
