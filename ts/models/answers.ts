// The results of a model's methods, and their options.
import type {
  PredictFields,
  RecommendFields,
  SaveFields,
  SimilarFields,
  SlotsFields,
} from '../data/generated/options.ts'
import type { Id } from '../data/ids.ts'
import type { Task } from './describe.ts'

/** An item with its score. */
export interface ScoredItem {
  readonly item: string
  /** Larger is better: the lower bound of a predicted rating, a score, or a similarity. See `docs/scores.md`. */
  readonly score: number
  /** Where the data has titles. */
  readonly title?: string
}

/** A user with a similarity. */
export interface ScoredUser {
  readonly user: string
  /** Larger is more similar. */
  readonly score: number
}

/** How items are recommended. */
export interface RecommendOptions extends RecommendFields {
  /** Whether items that the user has interacted with in training are left out. Default `exclude`. */
  readonly seen?: 'exclude' | 'include' | undefined
  /** Items that are never recommended: those that are sold out, for example. Default none. */
  readonly exclude?: readonly Id[] | undefined
  /** Items to choose from: one list for all users, or a list for each. Default all items. */
  readonly candidates?: readonly Id[] | readonly (readonly Id[])[] | undefined
}

/** How pairs are predicted. */
export type PredictOptions = PredictFields

/** Recommendations as arrays: those of query `n` are between `ends[n - 1]` (0 for the first) and `ends[n]`. */
export interface RecommendedArrays {
  /** Indices into `itemIds()`. */
  readonly items: Uint32Array
  readonly scores: Float32Array
  readonly ends: Uint32Array
}

/** Recommendations for users that follow one another: those of query `n` are of the user with index `from + n`. */
export interface RecommendedUsers extends RecommendedArrays {
  /** Index of the first of these users in `userIds()`. */
  readonly from: number
}

/** How similar items or users are found. */
export type SimilarOptions = SimilarFields

/** An item in the history of a user who is not in the model. */
export interface HistoryItem {
  readonly item: Id
  /** Default: the highest rating possible; for `ials` none, and the item has the mean weight of the training interactions. */
  readonly rating?: number | undefined
}

/** Why an item has its score for a user. */
export interface Explanation {
  /** Terms that add up to the score before clipping, such as mean, biases, the strongest products of factors. */
  readonly parts: readonly { readonly name: string; readonly value: number }[]
  /** What each of the user's items adds to the score, strongest first; empty for models without such terms. */
  readonly items: readonly { readonly item: string; readonly value: number; readonly title?: string }[]
  /** The user's items with their distances from this one, nearest first; empty for models without item embeddings. */
  readonly nearest: readonly { readonly item: string; readonly distance: number; readonly title?: string }[]
  /** Features of an item without training rows, with what the score would lose without each, strongest first. */
  readonly features: readonly { readonly name: string; readonly value: number }[]
  /** Weights behind the score, such as attention; empty for most models. */
  readonly weights: readonly Weights[]
}

/** A table of weights. */
export interface Weights {
  /** `attention`: how much each of a user's last items attends to each. `shares`: how much of the score comes from each. */
  readonly name: string
  readonly rows: readonly Entity[]
  readonly columns: readonly Entity[]
  /** A list of weights for each of `rows`. */
  readonly values: readonly (readonly number[])[]
}

/** What a row or a column of {@link Weights} stands for: an item, or something with a name. */
export type Entity = { readonly item: string; readonly title?: string } | { readonly name: string }

/** How slots are described. */
export type SlotsOptions = SlotsFields

/** A slot of a model's memory, described by the training pairs that attend to it. */
export interface Slot {
  /** Number of the slot, from 1. */
  readonly slot: number
  /** Its fraction of the attention of all training pairs, 0 to 1. */
  readonly share: number
  /** Items whose pairs attend to it more than others, with their mean attention. Items with few rows are discounted. */
  readonly items: readonly { readonly item: string; readonly value: number; readonly title?: string }[]
  /** Genres and features of at least 1 % of all rows: the ratio of their pairs' attention to the average. */
  readonly words: readonly { readonly name: string; readonly times: number }[]
  /** The pairs of a user and an item that attend to it most, with their attention. */
  readonly pairs: readonly {
    readonly user: string
    readonly item: string
    readonly value: number
    readonly title?: string
  }[]
}

/** How a model is saved. */
export type SaveOptions = SaveFields

/** Embeddings of users or items. */
export interface Embeddings {
  /** Ids of the users or items. */
  readonly ids: readonly string[]
  /** An embedding for each id, one after the other: `(ids, dimension)`. */
  readonly vectors: Float32Array
  /** Length of an embedding. */
  readonly dimension: number
  /** Bias of each id, which is added to its scores; empty for models without biases. */
  readonly biases: Float32Array
  /** How a user and an item are compared: a smaller Euclidean distance or a larger inner product is a higher score. */
  readonly metric: 'distance' | 'inner-product'
  /** Number of training rows of each id. The embedding of an id without any is not trained. */
  readonly rows: Uint32Array
}

/** Vectors of all users and items that rank the items as the model does. */
export interface RankingVectors {
  /**
   * `inner-product`: the score of an item is the user's base plus the inner product of both vectors. `distance`: it is minus
   * the squared Euclidean distance.
   */
  readonly metric: 'distance' | 'inner-product'
  /** Length of a vector. */
  readonly dimension: number
  /** A vector for each id of `userIds()`, one after the other. */
  readonly users: Float32Array
  /** A vector for each id of `itemIds()`, one after the other. */
  readonly items: Float32Array
  /** A number for each user, added to all their scores. It changes no order. Empty for distances. */
  readonly bases: Float32Array
  /** Range to which scores are clipped; null for a model that ranks items. */
  readonly clip: readonly [low: number, high: number] | null
}

/** The items of each user, as indices into `itemIds()`, in order of time: those of user `n` are between `ends[n - 1]` (0 for the first) and `ends[n]`. */
export interface SeenItems {
  readonly items: Uint32Array
  readonly ends: Uint32Array
}

/** What is known of every model. */
interface ModelSummary {
  /** Name of the kind, such as `biased-mf`. */
  readonly kind: string
  /** Whether it predicts ratings or ranks items. */
  readonly task: Task
  /** All options with their values. */
  readonly options: Readonly<Record<string, unknown>>
}

/** A model that was not trained yet. */
export interface UnfittedModelInfo extends ModelSummary {
  readonly fitted: false
}

/** A trained model. */
export interface FittedModelInfo extends ModelSummary {
  readonly fitted: true
  /** Number of users. */
  readonly users: number
  /** Number of items. */
  readonly items: number
  /** Lowest and highest rating. */
  readonly range: readonly [low: number, high: number]
  /** Whether it has the training interactions. */
  readonly history: boolean
  /** Whether it has titles of items. */
  readonly titles: boolean
  /** The ratings that a ranking model was trained on; null for other models, and for models without ratings. */
  readonly feedback: Feedback | null
  readonly training: { readonly epochs: number; readonly seed: number; readonly rows: number }
}

/** Ratings as a ranking model takes them. */
export interface Feedback {
  /** Number of ratings. */
  readonly ratings: number
  /** Number of ratings that count as positive: all but those below zero, whatever their values. */
  readonly positives: number
  /** Number of positives in the lower half of the observed scale; `positiveThreshold` leaves them out. 0 for counts. */
  readonly lowPositives: number
  /** Whether the ratings look like counts, such as play counts, whose values a ranking model ignores. */
  readonly counts: boolean
  /** Lowest and highest rating. */
  readonly observed: readonly [low: number, high: number]
}

/** A model in short. `fitted` says whether it was trained. */
export type ModelInfo = UnfittedModelInfo | FittedModelInfo
