export type { Id } from '../data/ids.ts'
export type { Build } from '../engine/build.ts'
export type { Engine, EngineUsage } from '../engine/engine.ts'
export { type ErrorData, TastespaceError } from '../errors.ts'
export type { History, HistoryRow, HistoryService } from '../history/history.ts'
export type { AmbiguousRow, MatchedHistory, MatchedItem } from '../history/match.ts'
export type {
  Embeddings,
  Entity,
  Explanation,
  Feedback,
  FittedModelInfo,
  HistoryItem,
  ModelInfo,
  PredictOptions,
  RankingVectors,
  RecommendedArrays,
  RecommendedUsers,
  RecommendOptions,
  ScoredItem,
  ScoredUser,
  SeenItems,
  SimilarOptions,
  UnfittedModelInfo,
} from '../models/answers.ts'
export type { Kind } from '../models/generated/names.ts'
export { ServingModel } from '../models/serving.ts'
export type { FindOptions, FoundItem } from '../models/titles/find.ts'
export { EdgeModel, loadModel, type ModelBytes } from './model.ts'
