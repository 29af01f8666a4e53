import { boundText, choiceText, shownMetrics } from '../../cli/terminal/compare-table.ts'
import { count, counted } from '../../cli/terminal/numbers.ts'
import type { ItemMap, ReportContent, ReportModel, ReportTable } from '../page/content.ts'
import type { Report } from './data.ts'
import { examplesSection, similarSection } from './examples.ts'
import { plotFigure } from './figure.ts'
import { figuresTable } from './figures-table.ts'
import { protocolText, tiles } from './header.ts'
import { escaped } from './html.ts'
import { mapOf } from './layout.ts'
import { mapSection } from './map-section.ts'
import { meaning } from './meaning.ts'
import { page } from './page.ts'
import { popularitySection } from './popularity-section.ts'
import { repeatSection } from './repeat.ts'
import { memorySection } from './slots.ts'
import { weightsSections } from './weights-section.ts'

/** The page of a comparison or of a training. */
export async function reportPage(report: Report): Promise<string> {
  const { data, trained, tables, recording, protocol } = report
  const { weights = [], memories = [], similar = [], distributions } = recording ?? {}
  const map = itemMap(report)
  const name = data.replace(/^.*[\\/]/, '')
  const models = [...new Set(tables.flatMap(({ models }) => models.map(({ model }) => model)))]
  // In the order of the tables, which is that of the colours.
  const ordered = <Each extends { readonly model: string }>(of: readonly Each[]) =>
    [...of].sort((a, b) => models.indexOf(a.model) - models.indexOf(b.model))
  const popularity = ordered(recording?.popularity ?? [])
  const examples = (recording?.examples ?? []).map((example) => ({ ...example, lists: ordered(example.lists) }))
  const content: ReportContent = { name, models, tables, weights, map, distributions, popularity, examples }
  const title = trained === undefined ? `Models compared on ${name}` : `${trained} trained on ${name}`
  const body = `<p class="soft">${protocolText(report)}</p>
${tiles(report)}
${tables.map((table, index) => tableSection(table, index, report, models)).join('\n')}
${examplesSection(examples, models, protocol.seeds[0] ?? 0)}
${similarSection(similar)}
${popularitySection(popularity, models)}
${weightsSections(weights)}
${map ? mapSection(map) : ''}
${memories.map(memorySection).join('\n')}
${repeatSection({ ...report.provenance, info: recording?.info, distributions }, { ...protocol, ...report })}
${tables.some(({ best }) => Object.keys(best).length > 0) ? methods(report) : ''}`
  return page({ title, version: report.version, body, content })
}

/** The map of the best model with item embeddings: of those that rank, if there is one. */
function itemMap({ tables, recording }: Report): ItemMap | undefined {
  if (!recording) return undefined
  const models = tables.flatMap(({ models }) => models.map(({ model }) => model))
  for (const model of models) {
    const found = recording.embeddings.find((each) => each.model === model)
    if (!found) continue
    const points = mapOf(found.items, recording.items)
    if (points.length > 0) return { model, metric: found.items.metric, items: found.items.ids.length, points }
  }
  return undefined
}

function tableSection(table: ReportTable, index: number, { trained }: Report, models: readonly string[]): string {
  const ranking = table.task === 'ranking'
  const measures = Object.keys(table.best).length > 0
  const rating = table.models.filter(({ trainedFor, seeds }) => trainedFor === 'rating' && seeds.length > 0)
  const bound = boundText(rating.map(({ model }) => model))
    .map((text) => `${escaped(text)}. `)
    .join('')
  const cold = table.cold > 0 ? `, ${count(table.cold)} of them with a user or item without training rows` : ''
  const about = ranking
    ? `${bound}All items outside a user's training items are ranked, and metrics measure how early the test items come. ${count(table.rows)} test rows of ${counted(table.users, 'user')}${cold}.`
    : `Errors of predicted test ratings, in rating points; smaller is better. ${count(table.rows)} test rows of ${counted(table.users, 'user')}${cold}.`
  return `<section>
<h2>${ranking ? 'Ranking' : 'Rating prediction'}</h2>
${measures ? `<p>${about}</p>` : ''}
${choiceText(table)
  .map((text) => `<p>${escaped(text)}.</p>`)
  .join('\n')}
${measures ? metricFigures(table, index) : ''}
<div class="panels">${trainingFigures(table, index, trained !== undefined, measures)}</div>
${measures || trained === undefined ? figuresTable(table, models) : ''}
</section>`
}

const KEY = `<div class="key"><span><b>★</b> best</span><span><b>●</b> not significantly different</span><span><b>○</b> significantly worse (p &lt; .05, corrected)</span></div>`

/** A picture of each usual metric. */
function metricFigures(table: ReportTable, index: number): string {
  const panels = shownMetrics(table).map((metric) =>
    plotFigure({
      plot: 'figure',
      name: `${table.task}-${metric}`,
      title: metric,
      label: `${metric} of ${table.models.map(({ model }) => model).join(', ')}`,
      data: { table: index, metric },
      caption: meaning(metric),
    }),
  )
  return `${KEY}
<div class="panels">${panels.join('\n')}</div>`
}

/** Pictures of the training: loss of one model, validation after each epoch, and time. */
function trainingFigures(table: ReportTable, index: number, one: boolean, measures: boolean): string {
  const data = { table: index }
  const { metric, task } = table
  const fitted = ({ seeds, curve }: ReportModel) =>
    seeds.length > 0 && curve.filter(({ phase, value }) => phase === 'fit' && value !== undefined).length > 1
  const loss = plotFigure({
    plot: 'loss',
    name: 'loss',
    title: 'Training loss',
    label: 'Training loss after each epoch',
    data,
    caption:
      'The loss on training rows after each epoch. Dashed: the second training, on training and validation rows.',
  })
  const curves = plotFigure({
    plot: 'curves',
    name: `${task}-training`,
    title: one ? 'Validation' : 'Training',
    label: `${metric} on validation rows after each epoch`,
    data,
    caption: `${metric} on the validation rows after each epoch, first seed; the ring marks the chosen epoch. Dotted: a single epoch.`,
  })
  const cost = plotFigure({
    plot: 'cost',
    name: `${task}-time`,
    title: 'Training time',
    label: `${metric} against training time`,
    data,
    caption: `${metric} on the test rows against the training time of one seed, including the choice of epochs and the second training. Bars are confidence intervals.`,
  })
  const hasLoss = one && (table.models[0]?.curve.length ?? 0) > 1
  return `${hasLoss ? loss : ''}${table.models.some(fitted) ? curves : ''}${!one && measures ? cost : ''}`
}

function methods({ protocol }: Report): string {
  const { intervals, tests } = protocol
  return `<section>
<h2>How it was measured</h2>
<ul>
<li>Ranking metrics rank all items outside the user's training and validation items; ties count half. Values are means over users.</li>
<li>Intervals hold ${intervals.level * 100} % of ${count(intervals.resamples)} bootstrap resamples of the users, by percentiles. They do not include the variation between seeds.</li>
<li>p: ${count(tests.permutations)} paired permutations of each model against the best by that metric, two-sided, with Holm's correction for the number of models. The best model is chosen on the same rows, which slightly favours it.</li>
<li>Training time is that of this machine under its load; memory is the peak of training and evaluation beside the data.</li>
</ul>
</section>`
}
