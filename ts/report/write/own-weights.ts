import { type AnyModel, TastespaceError } from '../../index.ts'
import type { OwnWeights } from '../page/content.ts'

/** Tables of weights that are the same for every user and item, with their meanings. */
export const OWN_WEIGHTS: Readonly<Record<string, string>> = {
  'global kernel':
    'Convolution weights of a rating (centre) and of the cells around it, before the autoencoder. Adjacency is by index.',
  'local kernels':
    "Distribution of the kernel values of each layer's weights: weights at 0 are cut off, weights at 1 count in full.",
}

/** Those tables of a model, if it has any. */
export async function ownWeightsOf(name: string, model: AnyModel): Promise<OwnWeights[]> {
  const [[user], [item]] = [await model.userIds(), await model.itemIds()]
  if (user === undefined || item === undefined) return []
  try {
    const { weights } = await model.explain(user, item)
    return weights.flatMap((table) => (table.name in OWN_WEIGHTS ? [{ model: name, weights: table }] : []))
  } catch (error) {
    if (error instanceof TastespaceError && error.code === 'model/unsupported') return []
    throw error
  }
}
