import { bytes, count, counted, percent, single } from '../../cli/terminal/numbers.ts'
import type { DatasetInfo, Summary } from '../../index.ts'
import type { Distributions } from '../page/content.ts'
import { plotFigure } from './figure.ts'
import { escaped } from './html.ts'

/** An input file. */
export interface InputFile {
  readonly name: string
  readonly bytes: number
  readonly sha256: string
}

/** What is needed to make a report again. */
export interface Provenance {
  /** The command line; undefined for a report of a program. */
  readonly command: string | undefined
  readonly info: DatasetInfo | undefined
  readonly distributions: Distributions | undefined
  /** Filters and other settings of reading, by their names; undefined where they are not known. */
  readonly filters: Readonly<Record<string, string>> | undefined
  readonly files: readonly InputFile[]
  readonly date: Date
  readonly runtime: string
}

/** Facts of a report that stand in the same section. */
export interface Setting {
  readonly split: string | undefined
  readonly validation: string | undefined
  readonly seeds: readonly number[]
  readonly engine: { readonly build: string; readonly threads: number } | undefined
  readonly version: string
}

/** The section from which a report can be made again. */
export function repeatSection(
  { command, info, distributions, filters, files, date, runtime }: Provenance,
  { split, validation, seeds, engine, version }: Setting,
): string {
  const copy = command
    ? `<div class="command"><pre tabindex="0"><code id="command">${escaped(command)}</code></pre><button type="button" data-copy="command">Copy</button></div>`
    : ''
  const facts: [string, string][] = [
    ...(info ? dataFacts(info) : []),
    ...(filters === undefined ? [] : [['filters', filtersText(filters)] satisfies [string, string]]),
    ...(split === undefined ? [] : [['split', split] satisfies [string, string]]),
    ...(validation === undefined ? [] : [['validation', validation] satisfies [string, string]]),
    [seeds.length > 1 ? 'seeds' : 'seed', seeds.join(', ')],
    ['versions', `tastespace ${version}, ${runtime}${engineText(engine)}`],
    ['date', `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`],
    ...files.map((file): [string, string] => ['file', `${file.name}, ${bytes(file.bytes)}, SHA-256 ${file.sha256}`]),
  ]
  return `<section id="repeat">
<h2>Data, and how to repeat this</h2>
<p>The same ${command === undefined ? 'program on the same data' : 'command on the same files'} gives the same results on every machine; times and memory differ.</p>
${copy}
<dl>${facts.map(([name, value]) => `<dt>${escaped(name)}</dt><dd>${escaped(value)}</dd>`).join('\n')}</dl>
${distributions ? histograms(distributions) : ''}
</section>`
}

function filtersText(filters: Readonly<Record<string, string>>): string {
  const all = Object.entries(filters).map(([name, value]) => `${name} ${value}`)
  return all.join(', ') || 'none'
}

function engineText(engine: Setting['engine']): string {
  return engine ? `; ${engine.build} build, ${counted(engine.threads, 'thread')}` : ''
}

function dataFacts({ rows, users, items, density, ratings, times, duplicates, rowsPerUser, rowsPerItem }: DatasetInfo) {
  const facts: [string, string][] = [
    [ratings ? 'ratings' : 'rows', count(rows)],
    ['users', `${count(users)}, ${spread(rowsPerUser)}`],
    ['items', `${count(items)}, ${spread(rowsPerItem)}`],
    ['density', `${percent(density)} of all pairs`],
    ...(duplicates > 0 ? [['duplicates', count(duplicates)] satisfies [string, string]] : []),
    ...(times ? [['dates', `${dayOf(times[0])} to ${dayOf(times[1])}`] satisfies [string, string]] : []),
    ...(ratings
      ? [
          [
            'scale',
            `${single(ratings.range[0])} to ${single(ratings.range[1])}, mean ${ratings.mean?.toFixed(2) ?? ''}`,
          ] satisfies [string, string],
        ]
      : []),
  ]
  return facts
}

function spread({ min, median, max }: Summary): string {
  return `with ${count(min)} to ${count(max)} rows, median ${count(median)}`
}

function dayOf(seconds: number): string {
  const date = new Date(seconds * 1000)
  return Number.isNaN(date.getTime()) ? String(seconds) : date.toISOString().slice(0, 10)
}

function histograms({ ratings }: Distributions): string {
  const bars = (plot: string, title: string, label: string, caption: string) =>
    plotFigure({ plot, name: `${plot}-histogram`, title, label, caption })
  return `<div class="panels three">${ratings.length > 0 ? bars('ratings', 'Ratings', 'Histogram of ratings', 'Number of rows with each rating.') : ''}
${bars('users', 'Activity of users', 'Users by their number of training rows', 'Number of users by training rows, in bins that double.')}
${bars('items', 'Popularity of items', 'Items by their number of training rows', 'Number of items by training rows, in bins that double.')}</div>`
}
