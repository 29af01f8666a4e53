import type { ErrorData } from '../errors.ts'

/** What to train next: a trial, up to a number of epochs. */
export interface TrialJob {
  /** Number of the trial. Trial 0 has the default options. */
  readonly trial: number
  /** How often the trial was chosen to go on. */
  readonly rung: number
  /** Epochs to train in all, those of earlier rungs included. */
  readonly epochs: number
  /** Options of the model. */
  readonly options: Readonly<Record<string, unknown>>
}

/** What a trial came to. */
export type TrialOutcome =
  | {
      /** The metric on validation after its best epoch. */
      readonly value: number
      /** That epoch. */
      readonly epoch: number
      /** Whether training has ended, so that more epochs would change nothing. */
      readonly ended: boolean
    }
  | {
      /** Why it failed, such as `model/diverged`. */
      readonly error: ErrorData
    }

/** A trial with what is known about it. */
export interface Trial {
  /** Its number. Trial 0 has the default options. */
  readonly trial: number
  /** The options that it varies. */
  readonly options: Readonly<Record<string, unknown>>
  /** The metric on validation after its best epoch; absent if it failed. */
  readonly value?: number
  /** That epoch. */
  readonly epoch?: number
  /** Epochs trained, the last rung that it reached. */
  readonly epochs: number
  readonly error?: ErrorData
}
