import { stat } from 'node:fs/promises'
import { type Command, Option } from 'commander'
import { checkOptions, Dataset, type DatasetInfo, type FilterOptions, FORMATS, type Format } from '../../index.ts'
import type { EngineJob } from '../commands/run.ts'
import { misuse } from '../terminal/failure.ts'
import { bytes, count, counted, duration } from '../terminal/numbers.ts'
import type { EngineFlags } from './common.ts'
import { type Columns, columns, finiteNumber, range, wholeNumber } from './values.ts'

interface FilterFlags extends Pick<FilterOptions, 'positiveThreshold' | 'core'> {
  readonly from?: string
  readonly until?: string
}

const DUPLICATES = ['last', 'sum', 'count', 'max'] as const

const LAYOUTS = ['item-rows', 'feature-rows'] as const

/** The argument of the commands that read ratings. */
export const RATINGS_FILE =
  'file of ratings: CSV, TSV, MovieLens, lists or JSON lines, with or without gzip; - for standard input'

/** Flags of the commands that read ratings. */
export interface ReadFlags extends EngineFlags, FilterFlags {
  readonly format?: Format
  readonly columns?: Columns
  readonly ratingRange?: [low: number, high: number]
  readonly duplicates?: (typeof DUPLICATES)[number]
  readonly items?: string
  readonly features?: string
  readonly featuresLayout?: (typeof LAYOUTS)[number]
  readonly featuresNames?: string
}

/** Adds the flags of reading and filtering ratings. */
export function addReadFlags(command: Command): Command {
  const which =
    'columns by name or number from 1: user=NAME,item=NAME,rating=NAME,time=NAME (default: by header or position)'
  const duplicates = 'rating of several rows with the same user and item (default: last)'
  const threshold = 'keep rows with at least this rating, as implicit feedback'
  return command
    .addOption(new Option('--format <name>', 'format of the file (default: by content)').choices(FORMATS))
    .addOption(new Option('--columns <list>', which).argParser(columns))
    .addOption(new Option('--duplicates <which>', duplicates).choices(DUPLICATES))
    .option('--from <time>', 'keep rows from this time on: a date such as 2015-03-04, or seconds')
    .option('--until <time>', 'keep rows before this time')
    .addOption(new Option('--positive-threshold <rating>', threshold).argParser(finiteNumber))
    .addOption(
      new Option('--core <n>', 'k-core: keep users and items with at least this number of rows') //
        .argParser(wholeNumber(0)),
    )
}

/** Adds the files about the items. */
export function addSideFlags(command: Command): Command {
  const layout = 'what a line of --features is: an item with its features, or a feature with its items'
  return command
    .option('--items <file>', 'file with titles and genres of the items')
    .option('--features <file>', 'file with features of the items, such as tags: a line for each item')
    .addOption(new Option('--features-layout <layout>', `${layout} (default: item-rows)`).choices(LAYOUTS))
    .option('--features-names <file>', 'file with the names of the features, one a line')
}

/** Reads a file of ratings, or standard input for `-`, with its side files, and shows progress. */
export async function readRatings(
  job: EngineJob<ReadFlags>,
  file: string,
): Promise<{ data: Dataset; info: DatasetInfo }> {
  const { engine, flags, console } = job
  const { format, columns, ratingRange, duplicates, items } = flags
  const features = featuresOf(flags)
  const filter = filterOf(flags)
  if (filter) await checkOptions('filter', filter, { engine })
  const name = file === '-' ? 'standard input' : file
  const started = performance.now()
  const size = await sizeOf(file)
  let read = 0
  const stop = console.progress(`Reading ${name}`, () => {
    const speed = (read * 1000) / (performance.now() - started)
    const volume = size === undefined ? bytes(read) : `${bytes(read)} of ${bytes(size)}`
    return { fraction: size && Math.min(read / size, 1), facts: [volume, `${bytes(speed)}/s`] }
  })
  try {
    const options = {
      engine,
      name,
      format,
      columns,
      ratingRange,
      duplicates,
      items,
      features,
      onProgress: (bytes: number) => {
        read = bytes
      },
    }
    const data = await (file === '-' ? Dataset.fromStream(process.stdin, options) : Dataset.fromFile(file, options))
    const info = await data.info()
    stop()
    const seconds = (performance.now() - started) / 1000
    console.note(`Read ${name}: ${whatIsIn(info)}, in ${duration(seconds)}`)
    if (info.duplicates > 0) {
      const rows = counted(info.duplicates, 'row')
      const what = duplicates === undefined || duplicates === 'last' ? 'dropped' : 'combined'
      console.note(
        what === 'dropped'
          ? `  dropped ${rows} that a later row of the same user and item replaces`
          : `  combined ${rows} with a later row of the same user and item: ${duplicates}`,
      )
    }
    return filter ? await filtered(job, data, info, filter) : { data, info }
  } finally {
    stop()
  }
}

/** `80,000 ratings, 943 users, 1,650 items` */
function whatIsIn({ rows, ratings, users, items }: DatasetInfo): string {
  return `${counted(rows, ratings ? 'rating' : 'row')}, ${counted(users, 'user')}, ${counted(items, 'item')}`
}

function featuresOf({ features, featuresLayout: layout, featuresNames: names }: ReadFlags) {
  if (features !== undefined) return { source: features, layout, names }
  if (layout !== undefined || names !== undefined) {
    throw misuse('--features-layout and --features-names need --features FILE')
  }
}

/** The filter of the flags; undefined where they have none. */
function filterOf(flags: FilterFlags): FilterOptions | undefined {
  const { from, until, positiveThreshold, core } = flags
  const given = [from, until, positiveThreshold, core].some((value) => value !== undefined)
  return given ? { from, until, positiveThreshold, core } : undefined
}

async function filtered({ console }: EngineJob<ReadFlags>, data: Dataset, info: DatasetInfo, filter: FilterOptions) {
  const kept = await data.filter(filter)
  data.dispose()
  const left = await kept.info()
  console.note(`  kept ${whatIsIn(left)} (${count(info.rows - left.rows)} left out)`)
  return { data: kept, info: left }
}

/** The size of a plain file; undefined for pipes. */
async function sizeOf(file: string): Promise<number | undefined> {
  const stats = await stat(file).catch(() => undefined)
  return stats?.isFile() ? stats.size : undefined
}

/** The job of reading a test file: with the flags that are about test rows too. */
export function testJob(job: EngineJob<ReadFlags>): EngineJob<ReadFlags> {
  const { items: _, features: __, featuresLayout, featuresNames, from, until, core, ...flags } = job.flags
  return { ...job, flags }
}

/** The range of ratings. */
export function rangeOption(): Option {
  return new Option('--rating-range <lo,hi>', 'lowest and highest rating (default: as observed)').argParser(range)
}
