import type { ErrorData } from '../errors.ts'
import type { KindDescription, Task } from '../models/describe.ts'
import type { FitReport } from '../models/fit.ts'
import type { PerUserMetrics } from './metrics.ts'

/** The result of training and evaluating a model with a seed. */
export interface Run {
  readonly seed: number
  readonly fit: FitReport
  /** By task. */
  readonly measured: Readonly<Partial<Record<Task, PerUserMetrics>>>
  /** Whether the validation rows were input at test time without being training rows. */
  readonly since: boolean
  readonly memoryBytes: number
}

/** A contestant with its runs so far. */
export interface Entry {
  readonly name: string
  readonly kind: KindDescription
  readonly options: Readonly<Record<string, unknown>>
  readonly runs: Run[]
  error?: ErrorData
}
