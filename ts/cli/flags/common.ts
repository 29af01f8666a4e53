import { type Command, Option } from 'commander'
import type { EvaluateOptions } from '../../index.ts'
import { addConfig } from './config.ts'
import { list, wholeNumber, wholeNumbers } from './values.ts'

/** Flags of every command. */
export interface CommonFlags {
  readonly json?: true
  readonly quiet?: true
  readonly debug?: true
}

/** Flags of the commands that start an engine. */
export interface EngineFlags extends CommonFlags {
  readonly threads?: number
}

/** Adds what every command has. Called last, so that it comes last in the help. */
export function addCommonFlags(command: Command): Command {
  addConfig(command)
  return command
    .option('--json', 'write the result as one JSON document')
    .option('--quiet', 'say nothing but the result and what went wrong')
    .option('--debug', 'tell where in the program a failure came from')
}

/** Adds what commands have that start an engine. */
export function addEngineFlags(command: Command): Command {
  const doc = 'threads to compute on; results do not depend on it (default: all cores)'
  return addCommonFlags(command.addOption(new Option('--threads <n>', doc).argParser(wholeNumber(1))))
}

/** The seed, from which everything random follows. */
export function seedOption(): Option {
  return new Option('--seed <n>', 'what everything random follows from').argParser(wholeNumber(0)).default(0)
}

/** How many items to list. */
export function kOption(): Option {
  return new Option('--k <n>', 'items in a list').argParser(wholeNumber(1)).default(10)
}

/** The metric that chooses epochs. */
export function metricOption(): Option {
  const doc =
    'metric that chooses the epochs on validation rows: recall@50, hr@10/100neg, mae … (default: ndcg@10, rmse)'
  return new Option('--metric <name>', doc)
}

/** Flags of what test rows are measured by. */
export interface MeasureFlags {
  readonly k?: readonly number[]
  readonly negatives?: number
  readonly metrics?: readonly string[]
}

/** Adds lengths of lists and the sampled protocol. */
export function addListFlags(command: Command): Command {
  const sampled = 'rank each test item besides among so many random items: hr@10/100neg …'
  return command
    .addOption(
      new Option('--k <list>', 'lengths of the lists that ranking metrics look at (default: 10,50,100)') //
        .argParser(wholeNumbers(1)),
    )
    .addOption(new Option('--negatives <n>', sampled).argParser(wholeNumber(1)))
}

/** Adds what test rows are measured by, and metrics by name. */
export function addMeasureFlags(command: Command): Command {
  const doc = 'measure only these: ndcg@20,mrr,recall@50/0rows,recall@50/1-9rows … (default: all, at --k)'
  return addListFlags(command).addOption(new Option('--metrics <list>', doc).argParser(list))
}

/** What the flags say of measuring. */
export function measuring({
  k,
  negatives,
  metrics,
}: MeasureFlags): Pick<EvaluateOptions, 'k' | 'negatives' | 'metrics'> {
  return { k, negatives, metrics }
}
