import type { Command } from 'commander'
import { addConvert } from './data/convert.ts'
import { addFetch } from './data/fetch.ts'
import { addInfo } from './data/info.ts'
import { addMake } from './data/make.ts'

/** `data`: commands about data sets. */
export function addData(program: Command): void {
  const command = program
    .command('data')
    .summary('look at, convert, generate or download data sets')
    .description('Look at a file of ratings, write it in another format, generate one, or download a published one.')
  addInfo(command)
  addConvert(command)
  addMake(command)
  addFetch(command)
}
