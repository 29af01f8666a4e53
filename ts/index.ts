export {
  type ConcatOptions,
  Dataset,
  type DatasetSaveOptions,
  type FileSplit,
  type Parts,
  type PartsOf,
  type SplitOptions,
} from './data/dataset.ts'
export { fetchData } from './data/fetch/fetch.ts'
export { type Publication, type Publications, publications } from './data/fetch/publications.ts'
export type { FetchedData, FetchOptions, FetchProgress } from './data/fetch/types.ts'
export type { FilterOptions } from './data/filter.ts'
export type { Id } from './data/ids.ts'
export type { DatasetInfo, FeaturesInfo, Note, RatingsInfo, SourceInfo, Summary } from './data/info.ts'
export {
  type FeaturesSource,
  FORMATS,
  type Format,
  type ItemsSource,
  type ReadOptions,
  type RowOptions,
} from './data/read.ts'
export type { Row, RowColumns, Time } from './data/rows.ts'
export type { Source } from './data/source.ts'
export type {
  HasTest,
  HasValidation,
  KfoldSplit,
  LeaveOneOutSplit,
  PerUserSplit,
  RandomSplit,
  SplitRule,
  SplitText,
  TextSplit,
  TimeSplit,
  UserSplit,
} from './data/split.ts'
export type { SyntheticOptions } from './data/synthetic.ts'
export type { ArrowTable } from './data/tables/arrow.ts'
export type { ParquetLibrary } from './data/tables/open.ts'
export type { ParquetOptions, QueryOptions } from './data/tables/options.ts'
export type { SeekableSource } from './data/tables/random-access.ts'
export type { TableOptions } from './data/tables/table.ts'
export type { Build } from './engine/build.ts'
export type { Capabilities } from './engine/capabilities.ts'
export type { EngineOptions } from './engine/create.ts'
export type { Engine, EngineUsage } from './engine/engine.ts'
export type { EngineObject } from './engine/handle.ts'
export { type ErrorData, TastespaceError } from './errors.ts'
export { compare } from './evaluation/compare.ts'
export type {
  Choice,
  CompareOptions,
  CompareRun,
  Comparison,
  ComparisonTable,
  Contestant,
  ModelResult,
  Significance,
} from './evaluation/comparison.ts'
export type { EvaluateOptions, MetricName, Metrics, PerUserMetrics, UserMetrics } from './evaluation/metrics.ts'
export {
  confidenceIntervals,
  type Interval,
  type IntervalOptions,
  type PairedTest,
  pairedTests,
  type ResamplingOptions,
  type Runs,
} from './evaluation/resampling.ts'
export type { History, HistoryRow, HistoryService } from './history/history.ts'
export type { AmbiguousRow, MatchedHistory, MatchedItem } from './history/match.ts'
export { type ReadHistoryOptions, readHistory } from './history/read.ts'
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
  SaveOptions,
  ScoredItem,
  ScoredUser,
  SeenItems,
  SimilarOptions,
  Slot,
  SlotsOptions,
  UnfittedModelInfo,
  Weights,
} from './models/answers.ts'
export {
  EmbeddingModel,
  ItemEmbeddingModel,
  ItemSimilarityModel,
  MemoryModel,
  UserSimilarityModel,
} from './models/capabilities.ts'
export { type CheckOptions, type Complete, checkOptions } from './models/check.ts'
export type { ModelSettings } from './models/create.ts'
export {
  type CallDescriptions,
  type Description,
  describe,
  type KindDescription,
  type OptionDescription,
  type PresetDescription,
  type SearchRange,
  type Task,
} from './models/describe.ts'
export type { ContinueOptions, EpochReport, FitOptions, FitReport, ValidationSample } from './models/fit.ts'
export * from './models/generated/kinds.ts'
export { createModel, createModelByName, isKind, loadModel } from './models/kinds.ts'
export { Model } from './models/model.ts'
export { ServingModel } from './models/serving.ts'
export type { FindOptions, FoundItem } from './models/titles/find.ts'
export { checkWritable, writeFile } from './platform/files.ts'
export { capabilities, type FileContent, startEngine as createEngine } from './platform/platform.ts'
export { createStudy, type StudyOptions } from './tune/create.ts'
export type { Importance } from './tune/importance.ts'
export type { TuneRange, TuneSpace } from './tune/space.ts'
export type { Study, StudyPlan } from './tune/study.ts'
export type { Trial, TrialJob, TrialOutcome } from './tune/trial.ts'
export { type TuneOptions, type TuneReport, tune } from './tune/tune.ts'
