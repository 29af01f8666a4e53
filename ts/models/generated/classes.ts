// Written by scripts/generate.mjs from the options declared in crates. Not to be edited.
import { AttRec } from './attrec.ts'
import { Bias } from './bias.ts'
import { BiasedMF } from './biased-mf.ts'
import { BPR } from './bpr.ts'
import { CML } from './cml.ts'
import { EASE } from './ease.ts'
import { GLocalK } from './glocal-k.ts'
import { IALS } from './ials.ts'
import { ItemKNN } from './item-knn.ts'
import { LRML } from './lrml.ts'
import { Popularity } from './pop.ts'
import { SASRec } from './sasrec.ts'

/** The class of each kind of model. */
export const CLASSES = {
  cml: CML,
  lrml: LRML,
  attrec: AttRec,
  sasrec: SASRec,
  'glocal-k': GLocalK,
  'biased-mf': BiasedMF,
  bpr: BPR,
  ials: IALS,
  ease: EASE,
  'item-knn': ItemKNN,
  bias: Bias,
  pop: Popularity,
}
