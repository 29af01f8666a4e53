import { readFileSync } from 'node:fs'
import { boundText, choiceText, pText, shownMetrics, sinceText } from '../../cli/terminal/compare-table.ts'
import { count, counted, duration, memory } from '../../cli/terminal/numbers.ts'
import type { ItemMap, OwnWeights, ReportContent, ReportModel, ReportTable } from '../page/content.ts'
import { commonGenres } from '../page/genres.ts'
import { STYLE } from './css.ts'
import type { ItemEmbeddings } from './embeddings.ts'
import { escaped, scriptCode, scriptData } from './html.ts'
import { type ItemWords, MOST, mapOf } from './layout.ts'
import { OWN_WEIGHTS } from './own-weights.ts'
import { type Memory, memorySection } from './slots.ts'

/** The data of a report. */
export interface Report {
  /** Name of the data. */
  readonly data: string
  readonly protocol: {
    readonly split: string
    readonly validation: string
    readonly refit: boolean
    readonly seeds: readonly number[]
    readonly intervals: { readonly level: number; readonly resamples: number }
    readonly tests: { readonly permutations: number }
  }
  readonly rows: { readonly train: number; readonly validation: number; readonly test: number }
  readonly tables: readonly ReportTable[]
  readonly aborted: boolean
  /** From the first training to the last test. */
  readonly seconds: number
  readonly engine: { readonly build: string; readonly threads: number }
  readonly version: string
  readonly items: readonly ItemWords[]
  readonly embeddings: readonly ItemEmbeddings[]
  readonly memories: readonly Memory[]
  readonly weights: readonly OwnWeights[]
}

/** A self-contained page, which loads nothing from the network. */
export function reportPage(report: Report): string {
  const map = itemMap(report)
  const content: ReportContent = { tables: report.tables, weights: report.weights, map }
  const program = readFileSync(new URL('./report.js', import.meta.url), 'utf8')
  const name = report.data.replace(/^.*[\\/]/, '')
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="tastespace ${escaped(report.version)}">
<title>${escaped(name)}: models compared</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>Models compared on ${escaped(name)}</h1>
<p class="soft">${protocolText(report)}</p>
${tiles(report)}
${report.tables.map(tableSection).join('\n')}
${weightsSections(report.weights)}
${map ? mapSection(map) : ''}
${report.memories.map(memorySection).join('\n')}
${methods(report)}
</main>
<script type="application/json" id="content">${scriptData(content)}</script>
<script>${scriptCode(program)}</script>
</body>
</html>
`
}

/** The map of the best model with item embeddings: of those that rank, if there is one. */
function itemMap({ tables, embeddings, items }: Report): ItemMap | undefined {
  const models = tables.flatMap(({ models }) => models.map(({ model }) => model))
  for (const model of models) {
    const found = embeddings.find((each) => each.model === model)
    if (!found) continue
    const points = mapOf(found.items, items)
    if (points.length > 0) return { model, metric: found.items.metric, items: found.items.ids.length, points }
  }
  return undefined
}

function protocolText({ protocol, rows, tables, aborted }: Report): string {
  const models = tables.flatMap(({ models }) => models)
  const { split, validation, refit, seeds } = protocol
  const parts = [
    `${count(rows.train)} rows for training, ${count(rows.validation)} for validation, ${count(rows.test)} for test ` +
      `(<code>${escaped(split)}</code>).`,
    `Epochs are chosen on the validation rows (<code>${escaped(validation)}</code>)` +
      `${refit ? ', then each model is trained again on training and validation rows; models of one step are trained once, on both.' : '; models are evaluated as validated.'}`,
    seeds.length > 1 ? `Values are means over the seeds ${seeds.join(', ')}.` : `Seed ${seeds[0]}.`,
    ...sinceText(models.filter(({ input }) => input).map(({ model }) => model)).map((text) => `${escaped(text)}.`),
    aborted ? 'The comparison was interrupted: unfinished models are missing.' : '',
  ]
  return parts.join(' ')
}

function tiles({ tables, seconds, engine }: Report): string {
  const best = tables.flatMap((table) => {
    const model = table.models.find(({ model }) => model === table.best[table.metric])
    const value = model?.metrics[table.metric]
    if (!model || value === undefined) return []
    return [tile(model.model, `best by ${table.metric}, ${figure(value)}`)]
  })
  const measured = tables.flatMap(({ models }) => models.filter(({ seeds }) => seeds.length > 0))
  const models = new Set(measured.map(({ model }) => model)).size
  const users = Math.max(0, ...tables.map(({ users }) => users))
  return `<div class="tiles">${[
    ...best,
    tile(String(models), 'models measured'),
    tile(count(users), 'users in the test'),
    tile(duration(seconds), `in all, on ${counted(engine.threads, 'thread')}`),
  ].join('')}</div>`
}

function tile(value: string, label: string): string {
  return `<div class="tile"><b>${escaped(value)}</b><span>${escaped(label)}</span></div>`
}

function tableSection(table: ReportTable, index: number): string {
  const ranking = table.task === 'ranking'
  const [first = table.metric, ...others] = shownMetrics(table)
  const title = ranking ? 'Ranking' : 'Rating prediction'
  const rating = table.models.filter(({ trainedFor, seeds }) => trainedFor === 'rating' && seeds.length > 0)
  const bound = boundText(rating.map(({ model }) => model))
    .map((text) => `${escaped(text)}. `)
    .join('')
  const cold = table.cold > 0 ? `, ${count(table.cold)} of them with a user or item without training rows` : ''
  const about = ranking
    ? `${bound}All items outside a user's training items are ranked, and metrics measure how early the test items come. ${count(table.rows)} test rows of ${counted(table.users, 'user')}${cold}.`
    : `Errors of predicted test ratings, in rating points; smaller is better. ${count(table.rows)} test rows of ${counted(table.users, 'user')}${cold}.`
  const panel = (metric: string) =>
    `<figure><h3>${escaped(metric)}</h3><div data-plot="figure" data-table="${index}" data-metric="${escaped(metric)}"></div>` +
    `<figcaption>${escaped(meaning(metric))}</figcaption></figure>`
  const trained = table.models.some(
    ({ seeds, curve }) =>
      seeds.length > 0 && curve.filter(({ phase, value }) => phase === 'fit' && value !== undefined).length > 1,
  )
  const curves = `<figure><h3>Training</h3><div data-plot="curves" data-table="${index}"></div>
<figcaption>${escaped(table.metric)} on the validation rows after each epoch, first seed; the ring marks the chosen epoch. Dotted: a single epoch.</figcaption></figure>`
  const cost = `<figure><h3>Training time</h3><div data-plot="cost" data-table="${index}"></div>
<figcaption>${escaped(table.metric)} on the test rows against the training time of one seed, including the choice of epochs and the second training. Bars are confidence intervals.</figcaption></figure>`
  return `<section>
<h2>${title}</h2>
<p>${about}</p>
${choiceText(table)
  .map((text) => `<p>${escaped(text)}.</p>`)
  .join('\n')}
<div class="key"><span><i style="background:#2ba36b"></i>best</span><span><i style="background:#4477cc"></i>not significantly different</span><span><i style="background:#8d949e"></i>significantly worse (p &lt; .05, corrected)</span></div>
<div class="panels">${[first, ...others].map(panel).join('\n')}</div>
<div class="panels">${trained ? curves : ''}${cost}</div>
${figuresTable(table)}
</section>`
}

/** The meaning of a metric. */
function meaning(metric: string): string {
  const [, measure = metric, k, negatives] = /^([a-z]+)(?:@(\d+))?(?:\/(\d+)neg)?$/.exec(metric) ?? []
  const among = negatives
    ? ` Ranked among ${negatives} sampled items only, which can disagree with the ranking of all items.`
    : ''
  const meanings: Record<string, string> = {
    rmse: 'Root of the mean squared error, in rating points.',
    mae: 'Mean absolute error, in rating points.',
    ndcg: `Discounted gain of the test items among the first ${k}, relative to the ideal order.`,
    hr: `Fraction of users with a test item among their first ${k}.`,
    recall: `Fraction of a user's test items among their first ${k}, mean over users.`,
    precision: `Fraction of the first ${k} that are test items, mean over users.`,
    map: `Mean precision at each test item among the first ${k}.`,
    mrr: 'Reciprocal rank of the best test item, mean over users.',
    auc: 'Fraction of pairs of a test item and another item that are ranked correctly.',
    coverage: `Fraction of the catalogue that is among the first ${k} of any user.`,
    gini: `Inequality of how often items are among the first ${k}: 0 all equal, 1 a single item.`,
    novelty: `Mean of −log₂ of the fraction of users with the listed item, in bits.`,
  }
  return `${meanings[measure] ?? ''}${among}`
}

function figuresTable(table: ReportTable): string {
  const names = Object.keys(table.models.find(({ seeds }) => seeds.length > 0)?.metrics ?? {})
  const head = ['model', ...names, 'epochs', 'training', 'memory']
  const cell = (model: ReportModel, name: string) => {
    const value = model.metrics[name]
    if (value === undefined) return '<td></td>'
    const interval = model.intervals[name]
    const range = interval ? `<small>${figure(interval.low)} to ${figure(interval.high)}</small>` : ''
    const best = table.best[name] === model.model
    const test = model.significance[name]
    const p = best ? '<small>best</small>' : test ? `<small>${escaped(pText(test.corrected))}</small>` : ''
    return `<td${best ? ' class="best"' : ''}>${figure(value)}${range}${p}</td>`
  }
  const row = (model: ReportModel) => {
    if (model.seeds.length === 0) {
      const why = escaped(model.error?.message ?? '')
      return `<tr><td>${escaped(model.model)}</td><td class="failed" colspan="${head.length - 1}">${why}</td></tr>`
    }
    const epochs = [...new Set(model.epochs)].join(', ')
    return (
      `<tr><td>${escaped(model.model)}${settings(model)}</td>${names.map((name) => cell(model, name)).join('')}` +
      `<td>${epochs}</td><td>${duration(model.seconds)}</td><td>${memory(model.memoryBytes)}</td></tr>`
    )
  }
  return `<div class="scroll"><table>
<thead><tr>${head.map((name) => `<th>${escaped(name)}</th>`).join('')}</tr></thead>
<tbody>${table.models.map(row).join('\n')}</tbody>
</table></div>`
}

/** The options of a model, as a tooltip. */
function settings({ kind, model, options }: ReportModel): string {
  const values = Object.entries(options).map(([name, value]) => `${name}=${JSON.stringify(value)}`)
  const named = kind === model ? '' : `<small>${escaped(kind)}</small>`
  return values.length > 0
    ? `${named}<small title="${escaped(values.join('\n'))}">${counted(values.length, 'option')}</small>`
    : named
}

function mapSection({ model, metric, items, points }: ItemMap): string {
  const genres = commonGenres(points)
  const chooser =
    genres.length > 0
      ? `<label class="soft">Show <select id="genre"><option value="">all genres</option>${genres
          .map((genre) => `<option>${escaped(genre)}</option>`)
          .join('')}</select></label>`
      : ''
  const of =
    points.length === MOST
      ? `The ${count(MOST)} most popular of ${count(items)} items`
      : `The ${count(points.length)} items with training rows`
  const near = metric === 'distance' ? 'close to each other' : 'in the same direction'
  const colours =
    genres.length > 0
      ? 'Colours are genres; of several genres of an item, the rarest'
      : 'Colours are numbers of training rows'
  return `<section>
<h2>The item embeddings of ${escaped(model)}</h2>
<p>${of}, laid out so that items whose embeddings are ${near} are close. The model was trained on interactions only, without genres.</p>
${chooser}
<figure class="wide"><div data-plot="map"></div>
<figcaption>${colours}; sizes are training rows. UMAP of the embeddings with a fixed seed: neighbourhoods are meaningful, axes and large distances are not.</figcaption></figure>
</section>`
}

/** The tables of each model that has any. */
function weightsSections(weights: readonly OwnWeights[]): string {
  const models = [...new Set(weights.map(({ model }) => model))]
  const figures = (model: string) =>
    weights.map(({ model: of, weights: { name } }, index) =>
      of === model
        ? `<figure><h3>${escaped(name)}</h3><div data-plot="weights" data-weights="${index}"></div>` +
          `<figcaption>${escaped(OWN_WEIGHTS[name] ?? '')}</figcaption></figure>`
        : '',
    )
  const section = (model: string) => `<section>
<h2>Weights of ${escaped(model)}</h2>
<div class="panels">${figures(model).join('')}</div>
</section>`
  return models.map(section).join('\n')
}

function methods({ protocol, engine, version }: Report): string {
  const { intervals, tests } = protocol
  return `<section>
<h2>How it was measured</h2>
<ul>
<li>Ranking metrics rank all items outside the user's training and validation items; ties count half. Values are means over users.</li>
<li>Intervals hold ${intervals.level * 100} % of ${count(intervals.resamples)} bootstrap resamples of the users, by percentiles. They do not include the variation between seeds.</li>
<li>p: ${count(tests.permutations)} paired permutations of each model against the best by that metric, two-sided, with Holm's correction for the number of models. The best model is chosen on the same rows, which slightly favours it.</li>
<li>Training time is that of this machine under its load; memory is the peak of training and evaluation beside the data.</li>
<li>tastespace ${escaped(version)}, ${escaped(engine.build)} build, ${counted(engine.threads, 'thread')}. The same seed gives the same results on every machine.</li>
</ul>
</section>`
}

function figure(value: number): string {
  return value.toFixed(Math.abs(value) < 10 ? 4 : 2)
}
