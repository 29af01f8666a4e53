import type { Command } from 'commander'
import { addConvert } from './data/convert.ts'
import { addInfo } from './data/info.ts'
import { addMake } from './data/make.ts'

/** `data`: commands about data sets. */
export function addData(program: Command): void {
  const command = program
    .command('data')
    .summary('look at, convert or generate data sets')
    .description('Look at a file of ratings, write it in another format, or generate one.')
  addInfo(command)
  addConvert(command)
  addMake(command)
}
