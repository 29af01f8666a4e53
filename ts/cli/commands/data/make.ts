import { stat } from 'node:fs/promises'
import { type Command, Option } from 'commander'
import { checkWritable, Dataset, type SyntheticOptions, writeFile } from '../../../index.ts'
import { addEngineFlags, type EngineFlags, seedOption } from '../../flags/common.ts'
import { setting, wholeNumber } from '../../flags/values.ts'
import { bytes, counted } from '../../terminal/numbers.ts'
import { computes, type EngineJob } from '../run.ts'

const SIZES = ['users', 'items', 'ratings', 'genres'] as const

interface MakeFlags extends EngineFlags, Pick<SyntheticOptions, (typeof SIZES)[number]> {
  readonly out: string
  readonly itemsOut?: string
  readonly seed: number
  readonly set?: Readonly<Record<string, unknown>>
}

/** `data make`: generated ratings as CSV. */
export function addMake(data: Command): void {
  const number = (flags: string, doc: string) => new Option(flags, doc).argParser(wholeNumber(1))
  const command = data
    .command('make')
    .summary('generate ratings with planted tastes')
    .description('Generate ratings with planted tastes, which models can learn, and write them to a file.')
    .option('--out <file>', 'file to write: CSV, or JSON lines if it ends in .jsonl; .gz after that compresses it')
    .option('--items-out <file>', 'file for the titles and genres of the items, as CSV')
    .addOption(number('--users <n>', 'users (default: 1000)'))
    .addOption(number('--items <n>', 'items (default: 600)'))
    .addOption(number('--ratings <n>', 'ratings, 1 to 5 stars (default: 50000)'))
    .addOption(number('--genres <n>', 'genres, 1 to 18 (default: 12)'))
    .addOption(
      new Option('--set <key=value>', 'set another option of the generator, such as tags=50 or noise=0.5').argParser(
        setting,
      ),
    )
    .addOption(seedOption())
  addEngineFlags(command)
  computes<MakeFlags>(command, ['out'], make)
}

async function make({ engine, flags, console }: EngineJob<MakeFlags>): Promise<void> {
  const { out, itemsOut, seed, set } = flags
  await checkWritable(out)
  if (itemsOut !== undefined) await checkWritable(itemsOut)
  const sizes = Object.fromEntries(SIZES.flatMap((name) => (flags[name] === undefined ? [] : [[name, flags[name]]])))
  const stop = console.progress('Generating', () => ({ fraction: undefined, facts: [] }))
  try {
    const data = await Dataset.synthetic({ engine, seed, ...sizes, ...set })
    await data.save(out)
    if (itemsOut !== undefined) await writeFile(itemsOut, await data.itemsAsCSV())
    stop()
    const { rows, users, items } = await data.info()
    const { size } = await stat(out)
    const others = itemsOut === undefined ? {} : { itemsOut }
    await console.result({ out, ...others, rows, users, items, seed, bytes: size }, () => {
      const parts = [counted(rows, 'rating'), counted(users, 'user'), counted(items, 'item')]
      const { bold } = console.resultStyle
      const titles = itemsOut === undefined ? '' : `, titles and genres to ${bold(itemsOut)}`
      return `${parts.join(', ')} written to ${bold(out)} (${bytes(size)})${titles}`
    })
  } finally {
    stop()
  }
}
