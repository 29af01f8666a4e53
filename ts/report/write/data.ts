import type { Recorder } from '../collect/recorder.ts'
import type { ReportTable } from '../page/content.ts'
import type { Provenance } from './repeat.ts'

/** The data of a report. */
export interface Report {
  /** Name of the data. */
  readonly data: string
  /** The kind of the only model of interest, for a report of its training; others are baselines. */
  readonly trained?: string | undefined
  readonly protocol: {
    /** Undefined where the program that compares did the split. */
    readonly split: string | undefined
    readonly validation: string | undefined
    readonly refit: boolean
    readonly seeds: readonly number[]
    readonly intervals: { readonly level: number; readonly resamples: number }
    readonly tests: { readonly permutations: number }
  }
  readonly rows: { readonly train: number; readonly validation: number; readonly test: number }
  readonly tables: readonly ReportTable[]
  readonly aborted: boolean
  /** From the first training to the last test; undefined where it was not measured. */
  readonly seconds: number | undefined
  /** Undefined where it is not known. */
  readonly engine: { readonly build: string; readonly threads: number } | undefined
  readonly version: string
  /** What was read from the models; undefined for a report of figures only. */
  readonly recording: Recorder | undefined
  readonly provenance: Omit<Provenance, 'info' | 'distributions'>
}
