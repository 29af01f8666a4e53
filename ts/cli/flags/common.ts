import { type Command, InvalidArgumentError, Option } from 'commander'
import type { EvaluateOptions, Task } from '../../index.ts'
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

/** Adds the flags of every command. Called last, so that they come last in the help. */
export function addCommonFlags(command: Command): Command {
  addConfig(command)
  return command
    .option('--json', 'write the result as one JSON document')
    .option('--quiet', 'print only the result and errors')
    .option('--debug', 'print the stack trace of an error')
}

/** Adds the flags of commands that start an engine. */
export function addEngineFlags(command: Command): Command {
  const doc = 'number of threads; results do not depend on it (default: all cores)'
  return addCommonFlags(command.addOption(new Option('--threads <n>', doc).argParser(wholeNumber(1))))
}

/** The seed of all random numbers. */
export function seedOption(): Option {
  return new Option('--seed <n>', 'seed of all random numbers').argParser(wholeNumber(0)).default(0)
}

/** The number of items in a list. */
export function kOption(): Option {
  return new Option('--k <n>', 'number of items in a list').argParser(wholeNumber(1)).default(10)
}

/** The metric that chooses epochs. */
export function metricOption(): Option {
  const doc = 'metric that chooses the best epoch on validation, such as recall@50 or mae (default: ndcg@10, rmse)'
  return new Option('--metric <name>', doc)
}

/** The users to validate on. */
export function validationUsersOption(): Option {
  const doc = 'number of users to validate on, or all (default: for rankings a sample that costs no more than an epoch)'
  return new Option('--validation-users <n>', doc).argParser((text: string) => {
    if (text === 'all' || /^[1-9]\d*$/.test(text)) return text === 'all' ? text : Number(text)
    throw new InvalidArgumentError('Accepted is a whole number from 1, or all.')
  })
}

/** How long training goes on without improvement. */
export function patienceOption(): Option {
  const doc = 'epochs without improvement on validation that end training (default: that of the kind)'
  return new Option('--patience <n>', doc).argParser(wholeNumber(1))
}

/** Flags of evaluation. */
export interface MeasureFlags {
  readonly k?: readonly number[]
  readonly negatives?: number
  readonly metrics?: readonly string[]
  readonly task?: Task
}

/** What to evaluate. */
export function taskOption(doc: string): Option {
  return new Option('--task <task>', doc).choices(['ranking', 'rating'])
}

/** Adds list lengths and sampled negatives. */
export function addListFlags(command: Command): Command {
  const sampled = 'negative items sampled per test item, for metrics such as hr@10/100neg'
  return command
    .addOption(
      new Option('--k <list>', 'list lengths of ranking metrics (default: 10,50,100)') //
        .argParser(wholeNumbers(1)),
    )
    .addOption(new Option('--negatives <n>', sampled).argParser(wholeNumber(1)))
}

/** Adds the flags of evaluation. */
export function addMeasureFlags(command: Command): Command {
  const doc = 'metrics to compute, such as ndcg@20,mrr,trec-map@10,recall@50/1-9rows (default: all, at --k)'
  const task =
    'evaluate top lists (ranking) or predicted ratings (rating); rating models can do both (default: their own)'
  return addListFlags(command)
    .addOption(new Option('--metrics <list>', doc).argParser(list))
    .addOption(taskOption(task))
}

/** Options of evaluation from flags. */
export function measuring({
  k,
  negatives,
  metrics,
  task,
}: MeasureFlags): Pick<EvaluateOptions, 'k' | 'negatives' | 'metrics' | 'task'> {
  return { k, negatives, metrics, task }
}
