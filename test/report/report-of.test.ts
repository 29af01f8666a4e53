import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { promisify } from 'node:util'
import { compare, Dataset, tune } from 'tastespace'
import { recordingOf, reportOf } from 'tastespace/report'
import { expect, test } from 'vitest'

/** A comparison of three models, of which one fails. */
async function compared() {
  const data = await Dataset.synthetic({ users: 80, items: 100, ratings: 1500 })
  const parts = await data.split({ by: 'leave-one-out', validation: true })
  const recording = await recordingOf(parts, { data, seed: 1 })
  const models = ['pop', { kind: 'ease', name: 'a|b,c' } as const, 'bias'] as const
  return { parts, recording, comparison: await compare(parts, { models, onModel: recording.onModel }) }
}

/** The data of a page's pictures. */
function contentOf(page: string) {
  const [, held = ''] = /<script type="application\/json" id="content">(.*?)<\/script>/s.exec(page) ?? []
  return JSON.parse(held)
}

test('a comparison as a page, with what was recorded of its models', async () => {
  const { recording, comparison } = await compared()
  const page = await reportOf(comparison, { name: 'my <data>', recording, split: 'leave-one-out' }).toHTML()
  expect(page).toContain('<title>Models compared on my &#60;data&#62;</title>')
  const { examples, popularity, models, distributions } = contentOf(page)
  expect(models.toSorted()).toEqual(['a|b,c', 'bias', 'pop'])
  expect(examples.map(({ activity }: { activity: string }) => activity)).toEqual(['few', 'median', 'many'])
  for (const { history, heldOut, lists, rows } of examples) {
    expect([history.length, heldOut.length, lists.length]).toEqual([Math.min(rows, 10), 1, 3])
    const seen = new Set(history.map(({ item }: { item: string }) => item))
    for (const { items } of lists) {
      expect(items).toHaveLength(10)
      expect(items.some(({ item }: { item: string }) => seen.has(item))).toBe(false)
      for (const { item, heldOut: hit } of items) expect(hit).toBe(item === heldOut[0].item)
    }
  }
  expect(distributions.users.reduce((sum: number, { count }: { count: number }) => sum + count, 0)).toBe(80)
  // The engine measures the same lists.
  for (const { model, metrics } of comparison.tables[0]?.models ?? []) {
    const own = popularity.find((each: { model: string }) => each.model === model)
    expect(own.coverage).toBeCloseTo(metrics['coverage@10'] ?? Number.NaN, 10)
    expect(own.recommended).toBeGreaterThan(0)
  }
})

test('a page without a recording has figures only', async () => {
  const { comparison } = await compared()
  const page = await reportOf(comparison).toHTML()
  expect(page).toContain('Models compared on the data')
  expect(contentOf(page)).toMatchObject({
    examples: [],
    popularity: [],
    tables: [{ task: 'ranking' }, { task: 'rating' }],
  })
})

test('the same seed chooses the same users', async () => {
  const examples = async () => {
    const { comparison, recording } = await compared()
    return contentOf(await reportOf(comparison, { recording }).toHTML()).examples
  }
  expect(await examples()).toEqual(await examples())
})

test('Markdown has the best values in bold, and names that cannot break the table', async () => {
  const { comparison } = await compared()
  const text = reportOf(comparison).toMarkdown()
  const [ranking] = comparison.tables
  const best = ranking?.models[0]
  expect(text).toContain(`**${best?.metrics['ndcg@10']?.toFixed(4)}** | best |`)
  expect(text).toContain('| a\\|b,c |')
  expect(text).toMatch(
    /^### Ranking: 80 users, 80 test rows\n\n\| model \| ndcg@10 \| vs best \| .*\n\| --- \| ---: \|/,
  )
})

test('CSV has a line for each task, model and metric', async () => {
  const { comparison } = await compared()
  const [head, ...lines] = reportOf(comparison).toCSV().trimEnd().split('\n')
  expect(head).toBe('task,model,kind,metric,value,low,high,difference,p,best,error')
  const metrics = comparison.tables.flatMap(({ models }) => models.flatMap((model) => Object.keys(model.metrics)))
  expect(lines).toHaveLength(metrics.length)
  expect(lines.some((line) => line.startsWith('ranking,"a|b,c",ease,ndcg@10,0.'))).toBe(true)
})

test('wrong arguments are refused by name', async () => {
  const { parts, comparison } = await compared()
  const code = 'config/bad-argument'
  // @ts-expect-error: no comparison
  expect(() => reportOf({})).toThrow(expect.objectContaining({ code, message: expect.stringContaining('comparison') }))
  // @ts-expect-error: no option
  expect(() => reportOf(comparison, { title: 'x' })).toThrow(expect.objectContaining({ code: 'config/unknown-key' }))
  // @ts-expect-error: no text
  expect(() => reportOf(comparison, { name: 3 })).toThrow(expect.objectContaining({ code }))
  // @ts-expect-error: no parts
  await expect(recordingOf(3)).rejects.toMatchObject({ code })
  await expect(recordingOf(parts, { seed: -1 })).rejects.toMatchObject({ code })
})

test('require has it too, with the error class of the library', async () => {
  const require = createRequire(import.meta.url)
  const { reportOf: required } = require('../../dist/report.cjs')
  const { TastespaceError } = require('../../dist/index.cjs')
  expect(() => required(3)).toThrow(TastespaceError)
  const { comparison } = await compared()
  expect(await required(comparison).toHTML()).toContain('<h1>Models compared on the data</h1>')
})

test('the library does not hold the page', () => {
  for (const entry of ['index.mjs', 'browser.mjs', 'index.cjs']) {
    const code = readFileSync(new URL(`../../dist/${entry}`, import.meta.url), 'utf8')
    expect(code).not.toContain('report-page.js')
  }
})

test('a search as a page, as Markdown and as CSV', async () => {
  const data = await Dataset.synthetic({ users: 80, items: 100, ratings: 1500 })
  const space = {
    penalty: { low: 0.001, high: 1, log: true },
    initialDeviation: { choices: [0.03, 10] },
    factors: { low: 4, high: 16 },
  }
  const search = await tune(data, { kind: 'biased-mf', trials: 6, epochs: 4, space })
  const report = reportOf(search, { name: 'my <data>', command: 'tastespace tune' })
  const page = await report.toHTML()
  expect(page).toContain('<title>biased-mf tuned on my &#60;data&#62;</title>')
  const { tuning } = contentOf(page)
  expect(tuning).toMatchObject({ metric: 'rmse', moreIsBetter: false })
  expect(tuning.axes.map(({ name }: { name: string }) => name)).toEqual(Object.keys(space))
  const [penalty, deviation] = tuning.axes
  expect(penalty).toMatchObject({ low: 0.001, high: 1, log: true })
  // The default is among the choices.
  expect(deviation.choices).toContain(String(search.defaults.initialDeviation))
  const known = search.trials.filter(({ value }) => value !== undefined)
  expect(tuning.trials.map(({ value }: { value: number }) => value)).toEqual(known.map(({ value }) => value))
  // Choices are text, also those that are numbers.
  expect(new Set(tuning.trials.map(({ options }: { options: object }) => Object.values(options)[1]))).toEqual(
    new Set(
      known.map(({ trial, options }) =>
        String(trial === 0 ? search.defaults.initialDeviation : options.initialDeviation),
      ),
    ),
  )
  const slice = await report.toSVG('initialDeviation')
  expect(slice.match(/<circle/g)).toHaveLength(known.length)
  // One place for each picture, and a row for each trial.
  for (const plot of ['history', 'parallel', 'importance']) expect(page).toContain(`data-plot="tuning-${plot}"`)
  expect(page.match(/data-plot="tuning-slice"/g)).toHaveLength(3)
  expect(page.match(/<tr role="row">/g)).toHaveLength(1 + search.trials.length)
  const lines = report.toCSV().trim().split('\n')
  expect(lines[0]).toBe('trial,rmse,best epoch,epochs,penalty,initialDeviation,factors,error')
  expect(lines).toHaveLength(1 + search.trials.length)
  expect(report.toMarkdown()).toMatch(/^### biased-mf: 6 trials\n\n\| trial \| rmse \| best epoch \| of \| penalty/)
  expect(report.toMarkdown()).toMatch(/\n\| defaults \| /)
  // @ts-expect-error: no recording of a search
  expect(() => reportOf(search, { recording: {} })).toThrow(/for a comparison/)
})

test('pictures are files of their own, for light and dark grounds', async () => {
  const { comparison } = await compared()
  const report = reportOf(comparison)
  const light = await report.toSVG('ndcg@10')
  expect(light).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg" width="640" /)
  expect(light).toContain('>ndcg@10 on test rows</text>')
  for (const name of ['a|b,c', 'pop']) expect(light).toContain(`>${name}</text>`)
  expect(light).not.toMatch(/var\(--(?!plot)/)
  const dark = await report.toSVG('ndcg@10', { dark: true, width: 1000 })
  expect(dark).toMatch(/ width="1000" /)
  expect(dark).toContain('#1b1f26')
  expect(light).not.toContain('#1b1f26')
  // Of the second table.
  expect(await report.toSVG('rmse')).toContain('>rmse on test rows</text>')
  expect(await report.toSVG('time')).toContain('seconds of training')
  const search = reportOf(
    await tune(await Dataset.synthetic({ users: 60, items: 50, ratings: 900 }), { kind: 'ease', trials: 4 }),
  )
  for (const name of ['history', 'parallel', 'importance', 'penalty']) {
    expect(await search.toSVG(name)).toMatch(/^<svg .*<\/svg>$/s)
  }
  for (const [name, options, message] of [
    ['pie', {}, /picture is "pie"; expected one of .*ndcg@10.*training, time/],
    ['training', {}, /no model has a curve/],
    ['time', { width: 10 }, /width is 10; expected a number from 200 to 4000/],
    ['time', { wide: 10 }, /no option 'wide'/],
  ] as const) {
    await expect(report.toSVG(name, options as object)).rejects.toThrow(message)
  }
})

test('require draws the same pictures', async () => {
  const script = `const { compare, Dataset } = require('tastespace')
const { reportOf } = require('tastespace/report')
Dataset.synthetic({ users: 80, items: 100, ratings: 1500 })
  .then((data) => compare(data, { models: ['pop', 'ease'] }))
  .then((comparison) => reportOf(comparison).toSVG('hr@10'))
  .then((svg) => process.stdout.write(svg))`
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', script])
  const data = await Dataset.synthetic({ users: 80, items: 100, ratings: 1500 })
  expect(stdout).toBe(await reportOf(await compare(data, { models: ['pop', 'ease'] })).toSVG('hr@10'))
})
