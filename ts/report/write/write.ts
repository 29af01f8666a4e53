import { readFileSync } from 'node:fs'
import { pText, shownMetrics, sinceText } from '../../cli/terminal/compare-table.ts'
import { count, counted, duration, memory } from '../../cli/terminal/numbers.ts'
import type { ItemMap, OwnWeights, ReportContent, ReportModel, ReportTable } from '../page/content.ts'
import { commonGenres } from '../page/genres.ts'
import { STYLE } from './css.ts'
import type { ItemEmbeddings } from './embeddings.ts'
import { escaped, scriptCode, scriptData } from './html.ts'
import { type ItemWords, MOST, mapOf } from './layout.ts'
import { OWN_WEIGHTS } from './own-weights.ts'
import { type Memory, memorySection } from './slots.ts'

/** What a report tells. */
export interface Report {
  /** What the data is called. */
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

/** A page with everything in it: it asks the network for nothing. */
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
    `${count(rows.train)} rows to train on, ${count(rows.validation)} to validate, ${count(rows.test)} to test ` +
      `(<code>${escaped(split)}</code>).`,
    `Epochs are chosen on the validation rows (<code>${escaped(validation)}</code>)` +
      `${refit ? ', then each model is trained again on all rows but the test.' : '; models are measured as validated.'}`,
    seeds.length > 1 ? `Figures are means over the seeds ${seeds.join(', ')}.` : `Seed ${seeds[0]}.`,
    ...sinceText(models.filter(({ input }) => input).map(({ model }) => model)).map((text) => `${escaped(text)}.`),
    aborted ? 'The comparison was interrupted: models that were not done are missing.' : '',
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
  const models = tables.reduce((sum, { models }) => sum + models.filter(({ seeds }) => seeds.length > 0).length, 0)
  const users = Math.max(0, ...tables.map(({ users }) => users))
  return `<div class="tiles">${[
    ...best,
    tile(String(models), 'models measured'),
    tile(count(users), 'people to judge by'),
    tile(duration(seconds), `in all, on ${counted(engine.threads, 'thread')}`),
  ].join('')}</div>`
}

function tile(value: string, label: string): string {
  return `<div class="tile"><b>${escaped(value)}</b><span>${escaped(label)}</span></div>`
}

function tableSection(table: ReportTable, index: number): string {
  const ranking = table.task === 'ranking'
  const [first = table.metric, ...others] = shownMetrics(table)
  const title = ranking ? 'Ranking: what comes first' : 'Ratings: how far off'
  const cold = table.cold > 0 ? `, ${count(table.cold)} of them with a user or item without training rows` : ''
  const told = ranking
    ? `Every item that a person has not had is ranked; a test item is found if it comes early. ${count(table.rows)} test rows of ${counted(table.users, 'person').replace(/persons$/, 'people')}${cold}.`
    : `Test ratings against predicted ones, in rating points: less is better. ${count(table.rows)} test rows of ${counted(table.users, 'person').replace(/persons$/, 'people')}${cold}.`
  const panel = (metric: string) =>
    `<figure><h3>${escaped(metric)}</h3><div data-plot="figure" data-table="${index}" data-metric="${escaped(metric)}"></div>` +
    `<figcaption>${escaped(meaning(metric))}</figcaption></figure>`
  const trained = table.models.some(({ curve }) => curve.filter(({ phase }) => phase === 'fit').length > 1)
  const curves = `<figure><h3>Training</h3><div data-plot="curves" data-table="${index}"></div>
<figcaption>${escaped(table.metric)} on the validation rows after each epoch, first seed; the ring marks the epoch that was chosen. Dotted: models of one step.</figcaption></figure>`
  const cost = `<figure><h3>What it takes</h3><div data-plot="cost" data-table="${index}"></div>
<figcaption>${escaped(table.metric)} on the test rows against all training of one seed, choice of epochs and refit included; bars are the intervals.</figcaption></figure>`
  return `<section>
<h2>${title}</h2>
<p>${told}</p>
<div class="key"><span><i style="background:#2ba36b"></i>best</span><span><i style="background:#4477cc"></i>not told apart from the best</span><span><i style="background:#8d949e"></i>behind it (p &lt; .05, corrected)</span></div>
<div class="panels">${[first, ...others].map(panel).join('\n')}</div>
<div class="panels">${trained ? curves : ''}${cost}</div>
${figuresTable(table)}
</section>`
}

/** What a metric means, in a sentence. */
function meaning(metric: string): string {
  const [, measure = metric, k, negatives] = /^([a-z]+)(?:@(\d+))?(?:\/(\d+)neg)?$/.exec(metric) ?? []
  const among = negatives
    ? ` Ranked among ${negatives} random items only: not consistent with ranking all of them.`
    : ''
  const meanings: Record<string, string> = {
    rmse: 'Root of the mean squared error, in rating points.',
    mae: 'Mean absolute error, in rating points.',
    ndcg: `Share of the most that test items could gain, those near the top of the first ${k} gaining more.`,
    hr: `Share of people with a test item among their first ${k}.`,
    recall: `Share of a person's test items among their first ${k}, mean over people.`,
    precision: `Share of the first ${k} that are test items, mean over people.`,
    map: `Mean precision at each test item among the first ${k}.`,
    mrr: 'One over the place of the best test item, mean over people.',
    auc: 'Share of pairs of a test item and another one that are in order.',
    coverage: `Share of the catalogue that is among anyone's first ${k}.`,
    gini: `How unevenly items are listed among the first ${k}: 0 all alike, 1 one item only.`,
    novelty: `Mean of −log₂ of the share of people who had a listed item, in bits.`,
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

/** The options of a model, for those who point at it. */
function settings({ kind, model, options }: ReportModel): string {
  const told = Object.entries(options).map(([name, value]) => `${name}=${JSON.stringify(value)}`)
  const named = kind === model ? '' : `<small>${escaped(kind)}</small>`
  return told.length > 0
    ? `${named}<small title="${escaped(told.join('\n'))}">${counted(told.length, 'option')}</small>`
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
      ? `The ${count(MOST)} of ${count(items)} items that most people had`
      : `The ${count(points.length)} items that anyone had`
  const near = metric === 'distance' ? 'close to each other' : 'in the same direction'
  const colours =
    genres.length > 0
      ? 'Colours are genres, of several the one that fewest items have'
      : 'Colours are numbers of training rows'
  return `<section>
<h2>The items in the space of ${escaped(model)}</h2>
<p>${of}, laid out so that those that the model puts ${near} lie together. The model knows who had what, and nothing of genres.</p>
${chooser}
<figure class="wide"><div data-plot="map"></div>
<figcaption>${colours}; sizes are training rows. UMAP of the items' vectors from a fixed start: neighbourhoods mean something, axes and far distances do not.</figcaption></figure>
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
<h2>What ${escaped(model)} learnt</h2>
<div class="panels">${figures(model).join('')}</div>
</section>`
  return models.map(section).join('\n')
}

function methods({ protocol, engine, version }: Report): string {
  const { intervals, tests } = protocol
  return `<section>
<h2>How it was measured</h2>
<ul>
<li>Ranking metrics count every item but those that the person had in training or validation; ties count half. Figures are means over people.</li>
<li>Intervals hold ${intervals.level * 100} % of ${count(intervals.resamples)} bootstrap resamples of the people, by percentiles. What another seed would change is not in them.</li>
<li>p: ${count(tests.permutations)} paired permutations of each model against the best by that metric, two-sided, with Holm's correction for the number of models. The best is chosen on the same rows, which flatters it a little.</li>
<li>Training time is of this machine as busy as it was; memory is the most that training and measuring took beside the data.</li>
<li>tastespace ${escaped(version)}, ${escaped(engine.build)} build, ${counted(engine.threads, 'thread')}. The same seed gives the same figures on every machine.</li>
</ul>
</section>`
}

function figure(value: number): string {
  return value.toFixed(Math.abs(value) < 10 ? 4 : 2)
}
