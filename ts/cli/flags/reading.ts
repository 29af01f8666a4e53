import { stat } from 'node:fs/promises'
import { type Command, Option } from 'commander'
import {
  checkOptions,
  Dataset,
  type DatasetInfo,
  type FilterOptions,
  FORMATS,
  type Format,
  type ReadOptions,
} from '../../index.ts'
import type { EngineJob } from '../commands/run.ts'
import { misuse } from '../terminal/failure.ts'
import { bytes, count, counted, duration } from '../terminal/numbers.ts'
import type { EngineFlags } from './common.ts'
import { addSqlFlags, queryOf, type SqlFlags } from './sql.ts'
import {
  type Columns,
  columns,
  finiteNumber,
  type ItemColumns,
  itemColumns,
  numbers,
  range,
  wholeNumber,
} from './values.ts'

interface FilterFlags extends Pick<FilterOptions, 'positiveThreshold' | 'core'> {
  readonly from?: string
  readonly until?: string
}

const TIME_UNITS = ['s', 'ms', 'us', 'ns'] as const
const DATE_ORDERS = ['dmy', 'mdy'] as const
const BAD_ROWS = ['fail', 'skip'] as const
const DUPLICATES = ['last', 'sum', 'count', 'max'] as const

const LAYOUTS = ['item-rows', 'feature-rows'] as const

/** The argument of the commands that read ratings. */
export const RATINGS_FILE =
  'file of ratings in any supported format, such as CSV, JSON or Parquet, with or without gzip; - for standard input'

/** Flags of the commands that read ratings. */
export interface ReadFlags extends EngineFlags, FilterFlags, SqlFlags {
  readonly format?: Format
  readonly columns?: Columns
  readonly encoding?: string
  readonly timeUnit?: ReadOptions['timeUnit']
  readonly dateOrder?: ReadOptions['dateOrder']
  readonly badRows?: ReadOptions['badRows']
  readonly missing?: readonly number[]
  readonly oneUser?: string
  readonly ratingRange?: [low: number, high: number]
  readonly duplicates?: (typeof DUPLICATES)[number]
  readonly items?: string
  readonly itemsColumns?: ItemColumns
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
  return addSqlFlags(command)
    .addOption(new Option('--format <name>', 'format of the file (default: by content)').choices(FORMATS))
    .addOption(new Option('--columns <list>', which).argParser(columns))
    .option('--encoding <label>', 'encoding of the file and its side files, such as shift_jis (default: by content)')
    .addOption(
      new Option('--time-unit <unit>', 'unit of times that are numbers (default: by size)').choices(TIME_UNITS),
    )
    .addOption(
      new Option('--date-order <order>', 'order of day and month in dates such as 4/5/2014 (default: by the rows)') //
        .choices(DATE_ORDERS),
    )
    .addOption(new Option('--bad-rows <what>', 'what to do with rows that cannot be read').choices(BAD_ROWS))
    .addOption(
      new Option('--missing <ratings>', 'ratings that mean "not rated", such as -1,99').argParser(numbers),
    )
    .option('--one-user <id>', "id of the user, for one person's history, which has no column for the user")
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
    .addOption(
      new Option(
        '--items-columns <list>',
        'columns of --items: item=NAME,title=NAME,genres=NAME,year=NAME (default: by header or position)',
      ).argParser(itemColumns),
    )
    .option('--features <file>', 'file with features of the items, such as tags: a line for each item')
    .addOption(new Option('--features-layout <layout>', `${layout} (default: item-rows)`).choices(LAYOUTS))
    .option('--features-names <file>', 'file with the names of the features, one a line')
}

/** Reads a file of ratings, standard input for `-`, or without a file the query of `--sql`, with side files; shows progress. */
export async function readRatings(
  job: EngineJob<ReadFlags>,
  file: string | undefined,
): Promise<{ data: Dataset; info: DatasetInfo }> {
  const { engine, flags, console } = job
  const { format, columns, encoding, timeUnit, dateOrder, badRows, missing, oneUser, ratingRange, duplicates } = flags
  const items = itemsOf(flags)
  const features = featuresOf(flags)
  const filter = filterOf(flags)
  if (filter) await checkOptions('filter', filter, { engine })
  const query = queryOf(flags, file)
  const name = file === '-' ? 'standard input' : (file ?? 'the query')
  const started = performance.now()
  const size = file === undefined ? undefined : await sizeOf(file)
  let read = 0
  const stop = console.progress(`Reading ${name}`, () => {
    const speed = (read * 1000) / (performance.now() - started)
    if (query) return { fraction: undefined, facts: [counted(read, 'row'), `${count(Math.round(speed))}/s`] }
    const volume = size === undefined ? bytes(read) : `${bytes(read)} of ${bytes(size)}`
    return { fraction: size && Math.min(read / size, 1), facts: [volume, `${bytes(speed)}/s`] }
  })
  try {
    const options = {
      engine,
      name,
      format,
      columns,
      encoding,
      timeUnit,
      dateOrder,
      badRows,
      missing,
      oneUser,
      ratingRange,
      duplicates,
      items,
      features,
      onProgress: (bytes: number) => {
        read = bytes
      },
    }
    const data = await opened(query, file ?? '-', options)
    const info = await data.info()
    stop()
    const seconds = (performance.now() - started) / 1000
    console.note(`Read ${name}: ${whatIsIn(info)}, in ${duration(seconds)}`)
    for (const { text } of info.notes) console.note(`  ${text}`)
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

async function opened(query: ReturnType<typeof queryOf>, file: string, options: ReadOptions): Promise<Dataset> {
  if (file !== '-') return Dataset.fromFile(file, options)
  if (!query) return Dataset.fromStream(process.stdin, options)
  const { format, ...rest } = options
  if (format !== undefined) throw misuse('--format is about a file, and --sql gives the ratings')
  return Dataset.fromSQL(query.sql, { ...rest, database: query.database })
}

/** `80,000 ratings, 943 users, 1,650 items` */
function whatIsIn({ rows, ratings, users, items }: DatasetInfo): string {
  return `${counted(rows, ratings ? 'rating' : 'row')}, ${counted(users, 'user')}, ${counted(items, 'item')}`
}

function itemsOf({ items, itemsColumns: columns }: ReadFlags) {
  if (items !== undefined) return columns ? { source: items, columns } : items
  if (columns) throw misuse('--items-columns needs --items FILE')
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
  const {
    items: _,
    itemsColumns,
    features: __,
    featuresLayout,
    featuresNames,
    from,
    until,
    core,
    sql,
    database,
    ...flags
  } = job.flags
  return { ...job, flags }
}

/** The range of ratings. */
export function rangeOption(): Option {
  return new Option('--rating-range <lo,hi>', 'lowest and highest rating (default: as observed)').argParser(range)
}
