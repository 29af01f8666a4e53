import { stat } from 'node:fs/promises'
import { type Command, Option } from 'commander'
import { checkWritable } from '../../../index.ts'
import { addEngineFlags } from '../../flags/common.ts'
import { addReadFlags, type ReadFlags, readRatings } from '../../flags/reading.ts'
import { queryOf } from '../../flags/sql.ts'
import { misuse } from '../../terminal/failure.ts'
import { bytes, counted } from '../../terminal/numbers.ts'
import { computes, type EngineJob } from '../run.ts'

const TARGETS = ['csv', 'json-lines'] as const

interface ConvertFlags extends ReadFlags {
  readonly out: string
  readonly to?: (typeof TARGETS)[number]
}

/** `data convert`: ratings, or some of them, from one format into another. */
export function addConvert(data: Command): void {
  const command = data
    .command('convert')
    .summary('write ratings in another format')
    .description(
      'Write the ratings of a file, or those that pass the filters, in another format. Of several rows of a user and ' +
        'an item the last is written, unless --duplicates says otherwise.',
    )
    .argument('[file]', 'file of ratings in any supported format; - for standard input')
    .option('--out <file>', 'file to write: .csv or .jsonl, with .gz after that to compress it')
    .addOption(new Option('--to <format>', 'format to write (default: by the ending of --out)').choices(TARGETS))
  addEngineFlags(addReadFlags(command))
  computes<ConvertFlags>(command, ['out'], convert)
}

async function convert(job: EngineJob<ConvertFlags>, file?: string): Promise<void> {
  const { console, flags } = job
  const { out, to } = flags
  queryOf(flags, file)
  if (to === undefined && !/\.(csv|jsonl|ndjson)(\.gz)?$/i.test(out)) {
    throw misuse(
      `the name ${out} has no known format: end it in .csv, .jsonl, .csv.gz or .jsonl.gz, or give --to FORMAT`,
    )
  }
  await checkWritable(out)
  const { data, info } = await readRatings(job, file)
  const stop = console.progress(`Writing ${out}`, () => ({ fraction: undefined, facts: [] }))
  try {
    await data.save(out, to && { format: to })
  } finally {
    stop()
  }
  const { rows, users, items, ratings } = info
  const { size } = await stat(out)
  await console.result({ out, rows, users, items, bytes: size }, () => {
    const parts = [counted(rows, ratings ? 'rating' : 'row'), counted(users, 'user'), counted(items, 'item')]
    return `${parts.join(', ')} written to ${console.resultStyle.bold(out)} (${bytes(size)})`
  })
}
