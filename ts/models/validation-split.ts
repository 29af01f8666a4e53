import type { Dataset, Parts } from '../data/dataset.ts'
import { describe } from './describe.ts'
import type { Model } from './model.ts'

/** Whether the order of a person's rows counts to a model. */
export async function isSequential({ kind, engine }: Model): Promise<boolean> {
  return (await describe(engine)).models.some((known) => known.kind === kind && known.sequential)
}

/**
 * Holds rows out for validation: a tenth of them, or for a sequential kind the last row of each user, since who learns what
 * comes next is not to know what came later.
 */
export async function carve(train: Dataset, model: Model, seed: number): Promise<Pick<Parts, 'train' | 'validation'>> {
  if (await isSequential(model)) {
    const { options } = await model.info()
    const order = options.order === 'rows' ? 'rows' : 'time'
    const { train: rest, test } = await train.split({ by: 'leave-one-out', order })
    return { train: rest, ...(test && { validation: test }) }
  }
  const { trainAndValidation, ...parts } = await train.split({ by: 'random', test: 0, validation: true, seed })
  trainAndValidation?.dispose()
  return parts
}
