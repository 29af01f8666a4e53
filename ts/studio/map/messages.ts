/** What the layout worker is asked. */
export type Question =
  | { readonly type: 'pca'; readonly id: number; readonly vectors: Float32Array; readonly dimension: number }
  | {
      readonly type: 'umap'
      readonly id: number
      readonly neighbours: Int32Array
      readonly distances: Float32Array
      readonly count: number
    }
  | {
      readonly type: 'clusters'
      readonly id: number
      readonly vectors: Float32Array
      readonly dimension: number
      readonly k: number
    }

/** Its answers: a map (several, while it is refined), groups, or what went wrong. */
export type Answer =
  | {
      readonly type: 'map'
      readonly id: number
      readonly xy: Float32Array
      readonly share: number
      readonly done: boolean
    }
  | { readonly type: 'clusters'; readonly id: number; readonly groups: Uint8Array }
  | { readonly type: 'failed'; readonly id: number; readonly message: string }
