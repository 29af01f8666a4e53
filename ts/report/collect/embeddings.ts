import { type AnyModel, type Embeddings, TastespaceError } from '../../index.ts'

/** The item embeddings of a model. */
export interface ItemEmbeddings {
  readonly model: string
  readonly items: Embeddings
}

/** The item embeddings of a model, if it has any. */
export async function itemEmbeddings(name: string, model: AnyModel): Promise<ItemEmbeddings[]> {
  if (!('itemVectors' in model)) return []
  try {
    return [{ model: name, items: await model.itemVectors() }]
  } catch (error) {
    if (error instanceof TastespaceError && error.code === 'model/unsupported') return []
    throw error
  }
}
