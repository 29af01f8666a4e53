import { type Model, type Placed, TastespaceError } from '../../index.ts'

/** Where a model places its items. */
export interface Place {
  readonly model: string
  readonly items: Placed
}

/** Where the model places its items; nowhere, if its kind has no space. */
export async function placesOf(name: string, model: Model): Promise<Place[]> {
  try {
    return [{ model: name, items: await model.itemVectors() }]
  } catch (error) {
    if (error instanceof TastespaceError && error.code === 'model/unsupported') return []
    throw error
  }
}
