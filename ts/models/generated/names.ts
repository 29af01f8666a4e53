// Written by scripts/generate.mjs from the options declared in crates. Not to be edited.

/** Names of the kinds of models. */
export const KINDS = [
  'cml',
  'lrml',
  'attrec',
  'sasrec',
  'glocal-k',
  'biased-mf',
  'bpr',
  'ials',
  'ease',
  'item-knn',
  'bias',
  'pop',
] as const

/** The name of a kind of model. */
export type Kind = (typeof KINDS)[number]
