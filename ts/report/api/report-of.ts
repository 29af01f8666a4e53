import { badArgument, checkKeys, isRecord, keysOf } from '../../arguments.ts'
import { type Comparison, describe, type TuneReport } from '../../index.ts'
import { Recorder } from '../collect/recorder.ts'
import type { Pictures } from '../svg/svg.ts'
import { withCurves } from '../write/curve.ts'
import type { Provenance } from '../write/repeat.ts'
import { tuningOf, tuningPage } from '../write/tuning.ts'
import { reportPage } from '../write/write.ts'
import { comparisonAsCSV } from './csv.ts'
import { comparisonAsMarkdown } from './markdown.ts'
import type { Recording } from './record.ts'
import { searchAsCSV, searchAsMarkdown } from './search.ts'
import { type Drawing, type PictureOptions, svgBy } from './svg.ts'

/** What a report shows besides the result. */
export interface ReportOptions {
  /** Name of the data, which is in the title. Default `the data`. */
  readonly name?: string | undefined
  /** Of a comparison, what `recordingOf` read from the models. Default: none; the page has figures, curves and tables only. */
  readonly recording?: Recording | undefined
  /** How the data was split, as text. Default: not shown. */
  readonly split?: string | undefined
  /** The command that made the result, which the page shows to be copied. Default: none. */
  readonly command?: string | undefined
}

const KEYS = keysOf<ReportOptions>({ name: true, recording: true, split: true, command: true })

/** A comparison in several forms. */
export interface ComparisonReport {
  /** The page of `compare --report`: one self-contained HTML file, which loads nothing from the network. */
  toHTML(): Promise<string>
  /** A table of the usual metrics for each task, in GitHub's Markdown. */
  toMarkdown(): string
  /**
   * A picture of the page: the name of a metric, `training` for its curves, or `time` for the metric against training time. Of
   * a comparison with two tables, the first that has it.
   */
  toSVG(picture: string, options?: PictureOptions): Promise<string>
  /** All metrics: a line for each task, model and metric, with interval and test. */
  toCSV(): string
}

/** A hyperparameter search in several forms. */
export interface TuningReport {
  /** The page of `tune --report`: one self-contained HTML file, which loads nothing from the network. */
  toHTML(): Promise<string>
  /** A table of the ten best trials and the defaults, in GitHub's Markdown. */
  toMarkdown(): string
  /** A picture of the page: `history`, `parallel`, `importance`, or the name of an option that was varied. */
  toSVG(picture: string, options?: PictureOptions): Promise<string>
  /** A line for each trial, the best first. */
  toCSV(): string
}

/**
 * The result of `compare` or of `tune` as a page with pictures, as Markdown and as CSV.
 *
 * @example
 * import { compare, writeFile } from 'tastespace'
 * import { reportOf } from 'tastespace/report'
 *
 * const comparison = await compare(data, { models: ['pop', 'ease'] })
 * const report = reportOf(comparison, { name: 'ratings.csv' })
 * await writeFile('report.html', await report.toHTML())
 * console.log(report.toMarkdown())
 *
 * @throws `config/bad-argument`, `config/unknown-key`
 */
export function reportOf(comparison: Comparison, options?: ReportOptions): ComparisonReport
export function reportOf(search: TuneReport, options?: Omit<ReportOptions, 'recording'>): TuningReport
export function reportOf(
  result: Comparison | TuneReport,
  options: ReportOptions = {},
): ComparisonReport | TuningReport {
  const given: unknown = result
  if (!isRecord(given) || !(Array.isArray(given.tables) || Array.isArray(given.trials))) {
    throw badArgument('reportOf', 'result', given, 'a comparison or a search, as compare and tune return them')
  }
  const { name = 'the data', recording, split, command } = checkKeys('reportOf', options, KEYS)
  for (const [key, value] of Object.entries({ name, split, command })) {
    if (value !== undefined && typeof value !== 'string') throw badArgument('reportOf', key, value, 'a text')
  }
  if (recording !== undefined && !(recording instanceof Recorder && 'tables' in result)) {
    throw badArgument('reportOf', 'recording', recording, 'what recordingOf returns, for a comparison')
  }
  if ('trials' in result) {
    return {
      toHTML: () => searchPage(result, name, split, command),
      toSVG: (picture, options) => svgBy((by) => by.searchPictures(tuningOf(result)), picture, options),
      toMarkdown: () => searchAsMarkdown(result),
      toCSV: () => searchAsCSV(result),
    }
  }
  return {
    toHTML: () => page(result, name, recording, split, command),
    toSVG: (picture, options) => svgBy((by) => picturesOf(result, picture, by), picture, options),
    toMarkdown: () => comparisonAsMarkdown(result),
    toCSV: () => comparisonAsCSV(result),
  }
}

async function searchPage(
  search: TuneReport,
  data: string,
  split: string | undefined,
  command: string | undefined,
): Promise<string> {
  const { version } = await describe()
  const provenance = provenanceOf(command)
  return tuningPage(search, { data, split, seed: undefined, engine: undefined, version, provenance })
}

/** The pictures of the first table that has one of this name. */
function picturesOf({ tables }: Comparison, name: string, { comparisonPictures }: Drawing): Pictures {
  const curved = tables.map(withCurves)
  const models = [...new Set(curved.flatMap(({ models }) => models.map(({ model }) => model)))]
  const all = curved.map((table) => comparisonPictures(table, models))
  return all.find((pictures) => Object.hasOwn(pictures, name)) ?? Object.assign({}, ...all)
}

async function page(
  { tables, rows, refit, seeds, level, resamples, permutations, aborted }: Comparison,
  data: string,
  recording: Recorder | undefined,
  split: string | undefined,
  command: string | undefined,
): Promise<string> {
  const engine = recording?.engine
  const { version } = await describe(engine)
  return reportPage({
    data,
    protocol: {
      split,
      validation: undefined,
      refit,
      seeds,
      intervals: { level, resamples },
      tests: { permutations },
    },
    rows,
    tables: tables.map(withCurves),
    aborted,
    seconds: undefined,
    engine: engine && { build: engine.build, threads: engine.threads },
    version,
    recording,
    provenance: provenanceOf(command),
  })
}

function provenanceOf(command: string | undefined): Provenance {
  const unknown = { info: undefined, distributions: undefined, filters: undefined }
  return { command, ...unknown, files: [], date: new Date(), runtime: runtime() }
}

/** What ran the models: Node, or a browser by what it says of itself. */
function runtime(): string {
  return globalThis.process?.version ? `Node ${process.version.slice(1)}` : navigator.userAgent
}
