import { badArgument, checkKeys, keysOf } from '../../arguments.ts'
import type { CompareOptions, Dataset, Parts } from '../../index.ts'
import { Recorder } from '../collect/recorder.ts'

/** Reads from the models of a comparison what the page of its report shows. */
export interface Recording {
  /** An option of `compare`. Of several seeds, the first model of each name is read. */
  readonly onModel: NonNullable<CompareOptions['onModel']>
}

/** What a recording is of. */
export interface RecordingOptions {
  /** The data before its split, whose figures the page shows. Default: the training part. */
  readonly data?: Dataset | undefined
  /** Chooses the users of the examples, an integer from 0. Default 0. */
  readonly seed?: number | undefined
}

const KEYS = keysOf<RecordingOptions>({ data: true, seed: true })

/**
 * Prepares to read from each model of a comparison what the page of a report shows besides metrics: recommendations for three
 * users, popularity and coverage, embeddings, and distributions of the data. Its `onModel` is an option of `compare`.
 *
 * @example
 * const parts = await data.split({ by: 'leave-one-out', validation: true })
 * const recording = await recordingOf(parts, { data })
 * const comparison = await compare(parts, { models: ['pop', 'ease', 'cml'], onModel: recording.onModel })
 * const report = reportOf(comparison, { name: 'ratings.csv', recording })
 *
 * @throws `config/bad-argument`, `config/unknown-key`
 */
export async function recordingOf(parts: Parts, options: RecordingOptions = {}): Promise<Recording> {
  if (!isDataset(parts?.train)) throw badArgument('recordingOf', 'parts', parts, 'parts as split returns them')
  const { data = parts.train, seed = 0 } = checkKeys('recordingOf', options, KEYS)
  if (!isDataset(data)) throw badArgument('recordingOf', 'data', data, 'a Dataset')
  if (!Number.isSafeInteger(seed) || seed < 0) throw badArgument('recordingOf', 'seed', seed, 'an integer from 0')
  return Recorder.of(parts, await data.info(), seed)
}

/** A data set of the other module format is an instance of another class. */
function isDataset(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'toJSONLines' in value
}
