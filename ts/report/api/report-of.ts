import { badArgument, checkKeys, isRecord, keysOf } from '../../arguments.ts'
import { type Comparison, describe } from '../../index.ts'
import { Recorder } from '../collect/recorder.ts'
import { withCurves } from '../write/curve.ts'
import { reportPage } from '../write/write.ts'
import { comparisonAsCSV } from './csv.ts'
import { comparisonAsMarkdown } from './markdown.ts'
import type { Recording } from './record.ts'

/** What a report shows besides the comparison. */
export interface ReportOptions {
  /** Name of the data, which is in the title. Default `the data`. */
  readonly name?: string | undefined
  /** What `recordingOf` read from the models. Default: none; the page has figures, curves and tables only. */
  readonly recording?: Recording | undefined
  /** How the data was split, as text. Default: not shown. */
  readonly split?: string | undefined
  /** The command that made the comparison, which the page shows to be copied. Default: none. */
  readonly command?: string | undefined
}

const KEYS = keysOf<ReportOptions>({ name: true, recording: true, split: true, command: true })

/** A comparison in several forms. */
export interface ComparisonReport {
  /** The page of `compare --report`: one self-contained HTML file, which loads nothing from the network. */
  toHTML(): Promise<string>
  /** A table of the usual metrics for each task, in GitHub's Markdown. */
  toMarkdown(): string
  /** All metrics: a line for each task, model and metric, with interval and test. */
  toCSV(): string
}

/**
 * A comparison as a page with pictures, as Markdown and as CSV.
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
export function reportOf(comparison: Comparison, options: ReportOptions = {}): ComparisonReport {
  if (!isRecord(comparison) || !Array.isArray(comparison.tables)) {
    throw badArgument('reportOf', 'comparison', comparison, 'a Comparison, as compare returns it')
  }
  const { name = 'the data', recording, split, command } = checkKeys('reportOf', options, KEYS)
  for (const [key, value] of Object.entries({ name, split, command })) {
    if (value !== undefined && typeof value !== 'string') throw badArgument('reportOf', key, value, 'a text')
  }
  if (recording !== undefined && !(recording instanceof Recorder)) {
    throw badArgument('reportOf', 'recording', recording, 'what recordingOf returns')
  }
  return {
    toHTML: () => page(comparison, name, recording, split, command),
    toMarkdown: () => comparisonAsMarkdown(comparison),
    toCSV: () => comparisonAsCSV(comparison),
  }
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
    provenance: { command, filters: undefined, files: [], date: new Date(), runtime: runtime() },
  })
}

/** What ran the models: Node, or a browser by what it says of itself. */
function runtime(): string {
  return globalThis.process?.version ? `Node ${process.version.slice(1)}` : navigator.userAgent
}
