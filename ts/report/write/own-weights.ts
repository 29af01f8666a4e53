import { type Model, TastespaceError } from '../../index.ts'
import type { OwnWeights } from '../page/content.ts'

/** The tables of weights that are the model's own, whomever it explains, and what they mean. */
export const OWN_WEIGHTS: Readonly<Record<string, string>> = {
  'global kernel':
    'What a rating counts in its own cell (item itself, user itself) and in those around it, before the autoencoder sees them. Neighbours are neighbours by number.',
  'local kernels': "Shares of each layer's weights by how far they count: 0 are cut off, 1 count in full.",
}

/** Those tables of a model; none, if its kind has none. */
export async function ownWeightsOf(name: string, model: Model): Promise<OwnWeights[]> {
  const [[user], [item]] = [await model.users(), await model.items()]
  if (user === undefined || item === undefined) return []
  try {
    const { weights } = await model.explain(user, item)
    return weights.flatMap((table) => (table.name in OWN_WEIGHTS ? [{ model: name, weights: table }] : []))
  } catch (error) {
    if (error instanceof TastespaceError && error.code === 'model/unsupported') return []
    throw error
  }
}
