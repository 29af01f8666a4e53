import type { AnyModel, EpochReport, ErrorData, Interval, Kind } from 'tastespace'

/** A model in the queue: waiting, in training, or measured. */
export interface Run {
  readonly id: number
  readonly kind: Kind
  /** The kind, with what differs from the defaults. */
  readonly name: string
  readonly options: Readonly<Record<string, unknown>>
  readonly seed: number
  readonly epochs: number | undefined
  readonly phase: 'waiting' | 'training' | 'paused' | 'measuring' | 'done' | 'failed'
  /** None before the training begins and after one that failed. */
  readonly model?: AnyModel | undefined
  readonly reports: readonly EpochReport[]
  /** When the training began, by `performance.now()`. */
  readonly began?: number
  readonly seconds?: number
  readonly trainedEpochs?: number
  readonly stopped?: 'epochs' | 'patience' | 'aborted'
  readonly metrics: Readonly<Record<string, number>>
  readonly intervals: Readonly<Record<string, Interval>>
  /** SHA-256 of the model file. */
  readonly hash?: string
  readonly error?: ErrorData
}

/** Whether the run has a model that answers. */
export function answers(run: Run | undefined): run is Run & { readonly model: AnyModel } {
  return run?.model !== undefined && (run.phase === 'done' || run.reports.length > 0)
}

/**
 * The epochs that give this model again: of a training that was stopped, those that it kept. Undefined where early stopping finds
 * them.
 */
export function epochsOf({ epochs, stopped, trainedEpochs }: Run): number | undefined {
  return stopped === 'aborted' && trainedEpochs ? trainedEpochs : epochs
}

/** "cml · margin 0.5, factors 32" */
export function runName(kind: Kind, options: Readonly<Record<string, unknown>>, seed: number): string {
  const changes = Object.entries(options).map(([name, value]) => `${name} ${shown(value)}`)
  if (seed !== 0) changes.push(`seed ${seed}`)
  return changes.length > 0 ? `${kind} · ${changes.join(', ')}` : kind
}

const shown = (value: unknown) => (typeof value === 'object' ? JSON.stringify(value) : String(value))

/** What the next training is asked for. */
export interface Form {
  readonly kind: Kind
  readonly options: Readonly<Record<string, unknown>>
  readonly seed: number
  /** Undefined: until the validation part gets no better. */
  readonly epochs: number | undefined
}
