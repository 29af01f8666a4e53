import { stat } from 'node:fs/promises'
import { type Command, Option } from 'commander'
import { type ExportReport, toCSV, toParquet, toPgvector, toProjector, toSqliteVec } from '../../export/index.ts'
import { type AnyModel, checkWritable, loadModel } from '../../index.ts'
import { addEngineFlags, type EngineFlags } from '../flags/common.ts'
import { wholeNumber } from '../flags/values.ts'
import { misuse, unsupported } from '../terminal/failure.ts'
import { bytes, counted, duration, milliseconds } from '../terminal/numbers.ts'
import { computes, type EngineJob } from './run.ts'

const FORMATS = ['pgvector', 'sqlite-vec', 'parquet', 'csv', 'projector'] as const
type Format = (typeof FORMATS)[number]

interface ExportFlags extends EngineFlags {
  readonly to: Format
  readonly out: string
  readonly lists?: true
  readonly k?: number
  readonly seen: boolean
  readonly prefix?: string
  readonly hnsw?: true
}

/** Flags that only some formats have. */
const FLAGS: Readonly<Record<Format, readonly (keyof ExportFlags)[]>> = {
  pgvector: ['lists', 'k', 'seen', 'prefix', 'hnsw'],
  'sqlite-vec': ['lists', 'k', 'seen', 'prefix'],
  parquet: ['lists', 'k', 'seen'],
  csv: ['lists', 'k', 'seen'],
  projector: [],
}

/** `export`: a model as tables of a database or files of other programs. */
export function addExport(program: Command): void {
  const command = program
    .command('export')
    .summary('write a model for a database or another program')
    .description(
      'Write a model for a database or another program. Vectors are such that their inner products or distances rank the ' +
        "items exactly as 'recommend' does; a model without such vectors (lrml, glocal-k, ease, item-knn …) is written as the best items of each user.",
    )
    .argument('<model>', 'file of a model that train wrote')
    .addOption(new Option('--to <format>', 'what to write it for').choices(FORMATS))
    .option('--out <path>', 'file to write (pgvector, sqlite-vec), or folder (parquet, csv, projector)')
    .option('--lists', 'write the best items of each user instead of vectors')
    .addOption(new Option('--k <n>', 'length of these lists (default: 100)').argParser(wholeNumber(1)))
    .option('--no-seen', 'leave out the table of what each user has interacted with')
    .option('--prefix <name>', 'how the names of tables and functions begin (default: tastespace)')
    .option('--hnsw', 'also make an HNSW index and a function that uses it, fast but not exact (pgvector)')
    .addHelpText('after', EXAMPLES)
  addEngineFlags(command)
  computes<ExportFlags>(command, ['to', 'out'], run)
}

const EXAMPLES = `
Examples:
  tastespace export model.safetensors --to pgvector --out model.sql
  psql -f model.sql "$DATABASE_URL"
  psql "$DATABASE_URL" -c "select * from tastespace_recommend('7', 10)"`

async function run({ engine, flags, console }: EngineJob<ExportFlags>, file = ''): Promise<void> {
  const { to, out, lists, k, seen, prefix, hnsw } = flags
  for (const [flag, given] of Object.entries({ lists, k, seen: seen ? undefined : seen, prefix, hnsw })) {
    if (given === undefined || FLAGS[to].includes(flag as keyof ExportFlags)) continue
    const name = flag === 'seen' ? '--no-seen' : `--${flag}`
    throw misuse(`${name} is not for --to ${to}: leave it out`, { flag: name, to })
  }
  // Folders are made, so only files are tried.
  if (to === 'pgvector' || to === 'sqlite-vec') await checkWritable(out)
  const started = performance.now()
  const model = await loadModel(file, { engine })
  let fraction = 0
  const onProgress = ({ done, total }: { done: number; total: number }) => {
    fraction = done / total
  }
  const stop = console.progress('Exporting', () => ({ fraction, facts: [] }))
  let report: ExportReport
  try {
    report = await written(model, flags, { lists, k, seen, prefix, hnsw, onProgress })
  } finally {
    stop()
  }
  const ranked = report.by !== 'lists'
  if (ranked && k !== undefined) console.warn('--k has no effect on vectors: --lists writes lists of that length')
  if (!ranked && hnsw) console.warn('--hnsw has no effect on lists')
  if (ranked && seen && !report.seen && to !== 'projector') {
    console.warn(`${file} has no history, so that lists of the database have items that users have seen`)
  }
  const sizes = await Promise.all(report.files.map(async (path) => (await stat(path)).size))
  const size = sizes.reduce((sum, size) => sum + size, 0)
  const seconds = (performance.now() - started) / 1000
  const document = { model: model.kind, to, out, ...report, bytes: size, seconds: milliseconds(seconds) }
  await console.result(document, () => {
    const { users, items, by, dimension } = report
    const sides = users === 0 ? counted(items, 'item') : `${counted(users, 'user')} and ${counted(items, 'item')}`
    const how = by === 'lists' ? 'as lists' : `as vectors of ${dimension} numbers, compared by ${by.replace('-', ' ')}`
    return `${sides} written to ${console.resultStyle.bold(out)} ${how} (${bytes(size)}) in ${duration(seconds)}`
  })
}

type Options = Parameters<typeof toPgvector>[2]

async function written(model: AnyModel, { to, out }: ExportFlags, options: Options): Promise<ExportReport> {
  switch (to) {
    case 'pgvector':
      return toPgvector(model, out, options)
    case 'sqlite-vec':
      return toSqliteVec(model, out, options)
    case 'parquet':
      return toParquet(model, out, options)
    case 'csv':
      return toCSV(model, out, options)
    case 'projector':
      if (!('itemVectors' in model)) throw unsupported(model, 'embeddings of items')
      return toProjector(model, out)
  }
}
