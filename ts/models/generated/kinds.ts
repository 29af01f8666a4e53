// Written by scripts/generate.mjs from the options declared in crates. Not to be edited.
import type { AttRec, AttRecOptions } from './attrec.ts'
import type { Bias, BiasOptions } from './bias.ts'
import type { BiasedMF, BiasedMFOptions } from './biased-mf.ts'
import type { BPR, BPROptions } from './bpr.ts'
import type { CML, CMLOptions } from './cml.ts'
import type { EASE, EASEOptions } from './ease.ts'
import type { GLocalK, GLocalKOptions } from './glocal-k.ts'
import type { IALS, IALSOptions } from './ials.ts'
import type { ItemKNN, ItemKNNOptions } from './item-knn.ts'
import type { LRML, LRMLOptions } from './lrml.ts'
import type { Kind } from './names.ts'
import type { Popularity, PopularityOptions } from './pop.ts'
import type { SASRec, SASRecOptions } from './sasrec.ts'

export { AttRec, type AttRecOptions } from './attrec.ts'
export { Bias, type BiasOptions } from './bias.ts'
export { BiasedMF, type BiasedMFOptions } from './biased-mf.ts'
export { BPR, type BPROptions } from './bpr.ts'
export { CML, type CMLOptions } from './cml.ts'
export { EASE, type EASEOptions } from './ease.ts'
export { GLocalK, type GLocalKOptions } from './glocal-k.ts'
export { IALS, type IALSOptions } from './ials.ts'
export { ItemKNN, type ItemKNNOptions } from './item-knn.ts'
export { LRML, type LRMLOptions } from './lrml.ts'
export { KINDS, type Kind } from './names.ts'
export { Popularity, type PopularityOptions } from './pop.ts'
export { SASRec, type SASRecOptions } from './sasrec.ts'

/** The class of the models of each kind. */
export interface ModelKinds {
  cml: CML
  lrml: LRML
  attrec: AttRec
  sasrec: SASRec
  'glocal-k': GLocalK
  'biased-mf': BiasedMF
  bpr: BPR
  ials: IALS
  ease: EASE
  'item-knn': ItemKNN
  bias: Bias
  pop: Popularity
}

/** The options of the models of each kind. */
export interface ModelOptions {
  cml: CMLOptions
  lrml: LRMLOptions
  attrec: AttRecOptions
  sasrec: SASRecOptions
  'glocal-k': GLocalKOptions
  'biased-mf': BiasedMFOptions
  bpr: BPROptions
  ials: IALSOptions
  ease: EASEOptions
  'item-knn': ItemKNNOptions
  bias: BiasOptions
  pop: PopularityOptions
}

/** A model of any kind; `kind` says which. */
export type AnyModel = ModelKinds[Kind]
