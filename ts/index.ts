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
} from './data/dataset.ts'
export type { FilterOptions } from './data/filter.ts'
export type { Id } from './data/ids.ts'
export type { Row, RowColumns } from './data/rows.ts'
export type { Source } from './data/source.ts'
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
} from './data/split.ts'
export type { SyntheticOptions } from './data/synthetic.ts'
export type { Capabilities } from './engine/capabilities.ts'
export type { EngineOptions } from './engine/create.ts'
export type { RemoteEngine as Engine } from './engine/remote.ts'
export { type ErrorData, TastespaceError } from './errors.ts'
export {
  type Compared,
  type CompareOptions,
  type CompareRun,
  type Comparison,
  type ComparisonTable,
  type Contestant,
  compare,
  type Significance,
} from './evaluation/compare.ts'
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
} from './evaluation/metrics.ts'
export { AttRec, type AttRecOptions } from './models/attrec.ts'
export { Bias, type BiasOptions } from './models/bias.ts'
export { BiasedMF, type BiasedMFOptions } from './models/biased-mf.ts'
export { BPR, type BPROptions } from './models/bpr.ts'
export { CML, type CMLOptions } from './models/cml.ts'
export type { ModelSettings } from './models/create.ts'
export {
  type Description,
  describe,
  type KindDescription,
  type OptionDescription,
  type PresetDescription,
} from './models/describe.ts'
export { EASE, type EASEOptions } from './models/ease.ts'
export type { EpochReport, FitOptions, FitReport } from './models/fit.ts'
export { GLocalK, type GLocalKOptions } from './models/glocal-k.ts'
export { ItemKNN, type ItemKNNOptions } from './models/item-knn.ts'
export { createModel, KINDS, loadModel } from './models/kinds.ts'
export { LRML, type LRMLOptions } from './models/lrml.ts'
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
} from './models/model.ts'
export { Popularity, type PopularityOptions } from './models/pop.ts'
export { checkWritable, writeFile } from './platform/files.ts'
export { capabilities, type FileContent, startEngine as createEngine } from './platform/platform.ts'
