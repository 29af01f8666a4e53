import type { EmbeddingModel, Model } from 'tastespace'

/** The methods of a model that a handler calls. Every trained model has them; the last two are those of some kinds. */
export type ServableModel = Pick<
  Model,
  | 'kind'
  | 'engine'
  | 'info'
  | 'itemIds'
  | 'itemTitles'
  | 'genres'
  | 'features'
  | 'itemRows'
  | 'recommendArrays'
  | 'recommendFor'
  | 'predict'
  | 'explain'
  | 'find'
> &
  Partial<Pick<EmbeddingModel, 'similarItems' | 'itemVectors'>>
