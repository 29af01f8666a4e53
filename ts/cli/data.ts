import type { Command } from 'commander'
import { addInfo } from './data-info.ts'
import { addMake } from './data-make.ts'

/** `data`: commands about data sets. */
export function addData(program: Command): void {
  const command = program
    .command('data')
    .summary('look at or generate data sets')
    .description('Look at a file of ratings, or generate one.')
  addInfo(command)
  addMake(command)
}
