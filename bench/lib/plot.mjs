// A picture of a model's results: ratings a second of each engine, with the spread of its repetitions.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { folder } from './record.mjs'
import { rates } from './report.mjs'
import { spread } from './statistics.mjs'

/** Writes `bench/record/<machine>/<model>.svg`. Vega-Lite is installed with the peers. */
export async function plot(model, cases) {
  const charts = cases.map(({ title, results }) =>
    chart(
      title,
      results.filter(({ runs }) => runs.length > 0),
    ),
  )
  const file = join(folder, `${model}.svg`)
  writeFileSync(file, await svg({ vconcat: charts }))
  return file
}

/** A Vega-Lite chart as the text of an SVG. */
export async function svg(chart) {
  const { vega, vegaLite } = await import('../peers/vega.mjs')
  const { spec } = vegaLite.compile({
    background: 'white',
    padding: 12,
    ...chart,
    config: { font: 'sans-serif', view: { stroke: null }, ...chart.config },
  })
  return `${await new vega.View(vega.parse(spec), { renderer: 'none' }).toSVG()}\n`
}

function chart(title, results) {
  const values = results.map((result) => {
    const { median, min, max } = spread(rates(result))
    const threads = result.threads > 1 ? `, ${result.threads} threads` : ''
    return {
      engine: `${result.label}${threads}`,
      by: result.ours ? 'tastespace' : 'peer',
      ...{ median: median / 1e6, min: min / 1e6, max: max / 1e6 },
    }
  })
  const y = {
    field: 'engine',
    type: 'nominal',
    sort: null,
    title: null,
    axis: { ticks: false, domain: false, labelLimit: 240 },
  }
  const x = (field) => ({ field, type: 'quantitative', title: 'million ratings a second, median and spread' })
  const color = {
    field: 'by',
    type: 'nominal',
    scale: { domain: ['tastespace', 'peer'], range: ['#1f6f8b', '#b8bfc6'] },
    legend: null,
  }
  return {
    title: { text: title, anchor: 'start', fontWeight: 'normal' },
    width: 460,
    height: { step: 22 },
    data: { values },
    layer: [
      { mark: { type: 'bar', height: 14 }, encoding: { y, x: x('median'), color } },
      { mark: { type: 'rule', color: '#333' }, encoding: { y, x: x('min'), x2: { field: 'max' } } },
      {
        mark: { type: 'text', align: 'left', dx: 6, color: '#333' },
        encoding: { y, x: x('max'), text: { field: 'median', type: 'quantitative', format: '.3~r' } },
      },
    ],
  }
}
