import type { Data } from '../data/data.ts'
import type { Run } from '../train/run.ts'

/** What a model's inside is shown of. */
export interface InsideProps {
  readonly run: Run & { readonly model: NonNullable<Run['model']> }
  readonly data: Data
  readonly user: string
}
