import { stat } from 'node:fs/promises'
import { type Command, Option } from 'commander'
import { checkWritable, Dataset, type SyntheticOptions } from '../index.ts'
import { bytes, counted } from './figures.ts'
import { addEngineFlags, type EngineFlags, seedOption } from './flags.ts'
import { computes, type EngineJob } from './job.ts'
import { wholeNumber } from './values.ts'

const SIZES = ['users', 'items', 'ratings', 'genres'] as const

interface MakeFlags extends EngineFlags, Pick<SyntheticOptions, (typeof SIZES)[number]> {
  readonly out: string
  readonly seed: number
}

/** `data make`: generated ratings as CSV. */
export function addMake(data: Command): void {
  const number = (flags: string, doc: string) => new Option(flags, doc).argParser(wholeNumber(1))
  const command = data
    .command('make')
    .summary('generate ratings with planted tastes')
    .description('Generate ratings in which tastes are planted, for a model to find, and write them as CSV.')
    .option('--out <file>', 'where to write the ratings')
    .addOption(number('--users <n>', 'users (default: 1000)'))
    .addOption(number('--items <n>', 'items (default: 600)'))
    .addOption(number('--ratings <n>', 'ratings, 1 to 5 stars (default: 50000)'))
    .addOption(number('--genres <n>', 'genres, 1 to 18, which tastes are about (default: 12)'))
    .addOption(seedOption())
  addEngineFlags(command)
  computes<MakeFlags>(command, ['out'], make)
}

async function make({ engine, flags, console }: EngineJob<MakeFlags>): Promise<void> {
  const { out, seed } = flags
  await checkWritable(out)
  const sizes = Object.fromEntries(SIZES.flatMap((name) => (flags[name] === undefined ? [] : [[name, flags[name]]])))
  const stop = console.progress('Generating', () => ({ fraction: undefined, facts: [] }))
  try {
    const data = await Dataset.synthetic({ engine, seed, ...sizes })
    await data.save(out)
    stop()
    const { rows, users, items } = await data.info()
    const { size } = await stat(out)
    console.result({ out, rows, users, items, seed, bytes: size }, () => {
      const parts = [counted(rows, 'rating'), counted(users, 'user'), counted(items, 'item')]
      return `${parts.join(', ')} written to ${console.resultStyle.bold(out)} (${bytes(size)})`
    })
  } finally {
    stop()
  }
}
