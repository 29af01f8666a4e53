import { stat } from 'node:fs/promises'
import { type Command, Option } from 'commander'
import { Dataset, type DatasetInfo } from '../index.ts'
import { bytes, counted, duration } from './figures.ts'
import type { EngineFlags } from './flags.ts'
import type { EngineJob } from './job.ts'
import { type Columns, columns, range } from './values.ts'

const FORMATS = ['csv', 'tsv', 'double-colon', 'semicolon', 'pipe', 'spaces'] as const

/** Flags of the commands that read ratings. */
export interface ReadFlags extends EngineFlags {
  readonly format?: (typeof FORMATS)[number]
  readonly columns?: Columns
  readonly ratingRange?: [low: number, high: number]
  readonly items?: string
}

/** Adds how a file of ratings is read. */
export function addReadFlags(command: Command): Command {
  const which =
    'names or numbers from 1 of the columns: user=…,item=…,rating=…,time=… (default: by header, or by place)'
  return command
    .addOption(new Option('--format <name>', 'format of the file (default: by content)').choices(FORMATS))
    .addOption(new Option('--columns <list>', which).argParser(columns))
}

/** Reads a file of ratings, and the side file of their items if there is one, and shows how far it is. */
export async function readRatings(
  { engine, flags, console }: EngineJob<ReadFlags>,
  file: string,
  items?: string,
): Promise<{ data: Dataset; info: DatasetInfo }> {
  const started = performance.now()
  const size = await sizeOf(file)
  let read = 0
  const stop = console.progress(`Reading ${file}`, () => {
    const speed = (read * 1000) / (performance.now() - started)
    const volume = size === undefined ? bytes(read) : `${bytes(read)} of ${bytes(size)}`
    return { fraction: size && Math.min(read / size, 1), facts: [volume, `${bytes(speed)}/s`] }
  })
  try {
    const { format, columns, ratingRange } = flags
    const data = await Dataset.fromFile(file, {
      engine,
      ...(format && { format }),
      ...(columns && { columns }),
      ...(ratingRange && { ratingRange }),
      ...(items !== undefined && { items }),
      onProgress: (bytes) => {
        read = bytes
      },
    })
    const info = await data.info()
    stop()
    const rows = counted(info.rows, info.ratings ? 'rating' : 'row')
    const seconds = (performance.now() - started) / 1000
    console.note(
      `Read ${file}: ${rows}, ${counted(info.users, 'user')}, ${counted(info.items, 'item')}, in ${duration(seconds)}`,
    )
    if (info.duplicates > 0) {
      console.note(`  left out ${counted(info.duplicates, 'row')} that a later one of the same user and item replaces`)
    }
    return { data, info }
  } finally {
    stop()
  }
}

/** The size of a plain file; what pipes hold nobody knows. */
async function sizeOf(file: string): Promise<number | undefined> {
  const stats = await stat(file).catch(() => undefined)
  return stats?.isFile() ? stats.size : undefined
}

/** The range of ratings. */
export function rangeOption(): Option {
  return new Option('--rating-range <lo,hi>', 'lowest and highest rating (default: as observed)').argParser(range)
}
