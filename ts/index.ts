export {
  type Compared,
  type CompareOptions,
  type CompareRun,
  type Comparison,
  type ComparisonTable,
  type Contestant,
  compare,
  type Significance,
} from './compare.ts'
export type { ModelSettings } from './create-model.ts'
export {
  Dataset,
  type DatasetInfo,
  type DatasetSaveOptions,
  type FeaturesInfo,
  type FeaturesSource,
  FORMATS,
  type Format,
  type Parts,
  type RatingsInfo,
  type ReadOptions,
  type RowOptions,
  type Spread,
} from './dataset.ts'
export {
  type Description,
  describe,
  type KindDescription,
  type OptionDescription,
  type PresetDescription,
} from './describe.ts'
export type { Capabilities } from './engine/capabilities.ts'
export type { EngineOptions } from './engine/create.ts'
export type { RemoteEngine as Engine } from './engine/remote.ts'
export { type ErrorData, TastespaceError } from './errors.ts'
export {
  confidenceIntervals,
  type EvaluateOptions,
  type Interval,
  type IntervalOptions,
  type Metrics,
  type Paired,
  type PerUserMetrics,
  pairedTests,
  type ResamplingOptions,
  type Runs,
} from './evaluation.ts'
export { checkWritable, writeFile } from './files.ts'
export type { FilterOptions } from './filter-options.ts'
export type { EpochReport, FitOptions, FitReport } from './fit.ts'
export type { Id } from './ids.ts'
export { createModel, KINDS, loadModel } from './kinds.ts'
export {
  type Explanation,
  type HistoryRow,
  Model,
  type ModelInfo,
  type Placed,
  type RecommendOptions,
  type SaveOptions,
  type Scored,
  type SimilarOptions,
  type SimilarUser,
  type Slot,
  type SlotsOptions,
  type Thing,
  type Weights,
} from './model.ts'
export { AttRec, type AttRecOptions } from './models/attrec.ts'
export { Bias, type BiasOptions } from './models/bias.ts'
export { BiasedMF, type BiasedMFOptions } from './models/biased-mf.ts'
export { BPR, type BPROptions } from './models/bpr.ts'
export { CML, type CMLOptions } from './models/cml.ts'
export { EASE, type EASEOptions } from './models/ease.ts'
export { GLocalK, type GLocalKOptions } from './models/glocal-k.ts'
export { ItemKNN, type ItemKNNOptions } from './models/item-knn.ts'
export { LRML, type LRMLOptions } from './models/lrml.ts'
export { Popularity, type PopularityOptions } from './models/pop.ts'
export { capabilities, type FileContent, startEngine as createEngine } from './platform.ts'
export type { Row, RowColumns } from './rows.ts'
export type { Source } from './source.ts'
export type {
  FileSplit,
  KfoldSplit,
  LeaveOneOutSplit,
  PerUserSplit,
  RandomSplit,
  SplitOptions,
  SplitText,
  TextSplit,
  TimeSplit,
  UserSplit,
} from './split-options.ts'
export type { SyntheticOptions } from './synthetic-options.ts'
