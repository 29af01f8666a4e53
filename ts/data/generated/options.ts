// Written by scripts/generate.mjs from the options declared in crates. Not to be edited.

/** Options of `evaluate`. */
export interface EvaluateFields {
  /** Lengths of the lists that ranking metrics consider. Default [10, 50, 100], at least 1. */
  readonly k?: readonly number[] | undefined
  /**
   * Random items that each test item is also ranked among, for metrics such as `hr@10/100neg`. 0 for none. Default 0,
   * at least 0.
   */
  readonly negatives?: number | undefined
  /**
   * What to evaluate: predicted ratings, or the ranking of all items. Rating models can do both. Default: the task of
   * the metrics, or without metrics of the model.
   */
  readonly task?: 'rating' | 'ranking' | undefined
  /** Seed of the random items. Default 0, at least 0. */
  readonly seed?: number | undefined
  /** Whether to also report the metrics of each user. Default false. */
  readonly perUser?: boolean | undefined
}

/** Options of `features`. */
export interface FeaturesFields {
  /** Content of a line. Default 'item-rows'. */
  readonly layout?: 'item-rows' | 'feature-rows' | undefined
  /**
   * Encoding of the file: a label of the Encoding Standard, such as `shift_jis`. Default: UTF-8, Windows-1252 or
   * UTF-16, recognised by content.
   */
  readonly encoding?: string | undefined
}

/** Options of `filter`. */
export interface FilterFields {
  /**
   * Lowest rating of the rows that are kept. They become implicit feedback, without a rating. Default: all rows with
   * their ratings, range -1e12 to 1e12.
   */
  readonly positiveThreshold?: number | undefined
  /**
   * Rows that every user and every item has at least. Users and items with fewer rows are removed, again and again,
   * until all have enough. Default 0, at least 0.
   */
  readonly core?: number | undefined
}

/** Options of `fit`. */
export interface FitFields {
  /** Seed of all random streams. Default 0, at least 0. */
  readonly seed?: number | undefined
  /**
   * Number of users to validate on, drawn by the seed, or `all`. With `auto`, rating models are validated on all users;
   * ranking models on at least 1,000, and on more while that costs no more than a training epoch. Default 'auto'.
   */
  readonly validationUsers?: 'auto' | 'all' | number | undefined
}

/** Options of `items`. */
export interface ItemsFields {
  /** Format of the file. Default: the format recognised by content. */
  readonly format?:
    | 'csv'
    | 'tsv'
    | 'semicolon'
    | 'pipe'
    | 'double-colon'
    | 'spaces'
    | 'lists'
    | 'json-lines'
    | 'json'
    | 'wide'
    | 'blocks'
    | 'matrix-market'
    | undefined
  /** Names of the columns. Default: by the header or, without one, item, title and optionally genres. */
  readonly columns?:
    | { readonly item?: string; readonly title?: string; readonly genres?: string; readonly year?: string }
    | undefined
  /**
   * Encoding of the file: a label of the Encoding Standard, such as `shift_jis`. Default: UTF-8, Windows-1252 or
   * UTF-16, recognised by content.
   */
  readonly encoding?: string | undefined
}

/** Options of `predict`. */
export interface PredictFields {
  /**
   * Whether an unknown user or item is an error, or its pair is skipped: the prediction is not a number. Default
   * 'error'.
   */
  readonly unknown?: 'error' | 'skip' | undefined
}

/** Options of `read`. */
export interface ReadFields {
  /** Format of the file. Default: the format recognised by content. */
  readonly format?:
    | 'csv'
    | 'tsv'
    | 'semicolon'
    | 'pipe'
    | 'double-colon'
    | 'spaces'
    | 'lists'
    | 'json-lines'
    | 'json'
    | 'wide'
    | 'blocks'
    | 'matrix-market'
    | undefined
  /** Names of the columns. Default: by the header or, without one, by position. */
  readonly columns?:
    | { readonly user?: string; readonly item?: string; readonly rating?: string; readonly time?: string }
    | undefined
  /**
   * Encoding of the file and its side files: a label of the Encoding Standard, such as `shift_jis`. Default: UTF-8,
   * Windows-1252 or UTF-16, recognised by content.
   */
  readonly encoding?: string | undefined
  /** Unit of times that are numbers. Default: the unit recognised by size. */
  readonly timeUnit?: 's' | 'ms' | 'us' | 'ns' | undefined
  /** Order of day and month in dates such as 4/5/2014. Default: the order that the rows show. */
  readonly dateOrder?: 'dmy' | 'mdy' | undefined
  /** What happens to rows that cannot be read. Default 'fail'. */
  readonly badRows?: 'fail' | 'skip' | undefined
  /** Ratings that mean "not rated". Rows with them are left out. */
  readonly missing?: readonly number[] | undefined
  /**
   * Id of the user, for a file of one person's history, which has no column for the user. Default: the column of the
   * user.
   */
  readonly oneUser?: string | undefined
  /** Lowest and highest possible rating. A rating outside is refused. Default: the observed range. */
  readonly ratingRange?: readonly [lowest: number, highest: number] | undefined
  /**
   * What becomes of several rows with the same user and item: the last by time and position counts, or the sum, the
   * number or the highest of their ratings. Default 'last'.
   */
  readonly duplicates?: 'last' | 'sum' | 'count' | 'max' | undefined
}

/** Options of `recommend`. */
export interface RecommendFields {
  /** Maximum number of items per query. Default 10, at least 1. */
  readonly k?: number | undefined
  /**
   * Whether an unknown id is an error, or skipped: an unknown user or a history without a known item gets an empty
   * list; unknown items in histories, in `exclude` and in `candidates` are left out. Default 'error'.
   */
  readonly unknown?: 'error' | 'skip' | undefined
}

/** Options of `resample`. */
export interface ResamplingFields {
  /** Confidence level of the intervals. Default 0.95, range 0.01 to 0.9999. */
  readonly level?: number | undefined
  /**
   * Number of resamples, or of permutations. Higher values reduce the Monte Carlo error. Default 2000, range 100 to
   * 16777216.
   */
  readonly resamples?: number | undefined
  /** Seed of the resampling. Default 0, at least 0. */
  readonly seed?: number | undefined
}

/** Options of `save`. */
export interface SaveFields {
  /** Whether to store each user's training items. Excluding seen items needs them. Default true. */
  readonly history?: boolean | undefined
  /**
   * Whether to store the users: their ids, embeddings and histories. Without them the model serves new users only, by
   * their histories. Default true.
   */
  readonly users?: boolean | undefined
  /**
   * Precision of the parameters: `single` is exact, `half` halves the file and rounds them to 11 bits. Counts and whole
   * numbers stay exact. Default 'single'.
   */
  readonly precision?: 'single' | 'half' | undefined
  /**
   * Number of weights of each item that are stored, the strongest. For `ease` and `item-knn`. Default: all weights, at
   * least 1.
   */
  readonly weights?: number | undefined
}

/** Options of `similar`. */
export interface SimilarFields {
  /** Maximum number of results per query. Default 10, at least 1. */
  readonly k?: number | undefined
  /** Whether an unknown id is an error, or its list is empty. Default 'error'. */
  readonly unknown?: 'error' | 'skip' | undefined
}

/** Options of `slots`. */
export interface SlotsFields {
  /** Maximum number of items, words and pairs per slot. There are at most 5 pairs. Default 5, at least 1. */
  readonly k?: number | undefined
}

/** Options of `synthetic`. */
export interface SyntheticFields {
  /** Number of users. Default 1000, range 1 to 1e7. */
  readonly users?: number | undefined
  /** Number of items. Default 600, range 1 to 1e7. */
  readonly items?: number | undefined
  /** Number of ratings, at most users · (items − cold). Default 50000, range 1 to 1e9. */
  readonly ratings?: number | undefined
  /** Number of genres. An item has up to three. Default 12, range 1 to 18. */
  readonly genres?: number | undefined
  /** Dimension of the tastes. Default 4, range 1 to 64. */
  readonly factors?: number | undefined
  /** Mean rating of a random pair, in stars. Default 3.4, range 1 to 5. */
  readonly mean?: number | undefined
  /** Standard deviation of the user biases, in stars. Default 0.35, range 0 to 5. */
  readonly userBias?: number | undefined
  /** Standard deviation of the item biases, in stars. Default 0.35, range 0 to 5. */
  readonly itemBias?: number | undefined
  /** Standard deviation of the rating explained by taste, in stars. Default 0.8, range 0 to 5. */
  readonly taste?: number | undefined
  /**
   * Standard deviation of the unpredictable noise, in stars. Rounding to whole stars adds to it. Default 0.75, range 0
   * to 5.
   */
  readonly noise?: number | undefined
  /** Strength of the users' preference for items that match their taste; 0 for none. Default 1, range 0 to 10. */
  readonly choice?: number | undefined
  /**
   * Exponent of the items' popularity: the r-th item has probability proportional to r^−popularity. Default 0.7, range
   * 0 to 3.
   */
  readonly popularity?: number | undefined
  /** Standard deviation of the logarithm of the number of ratings per user. Default 0.6, range 0 to 3. */
  readonly activity?: number | undefined
  /** Number of tags. An item has up to eight tags near its taste; 0 for none. Default 0, range 0 to 1e3. */
  readonly tags?: number | undefined
  /** Number of items without rows, below `items`. They have titles, genres and tags. Default 0, range 0 to 9999999. */
  readonly cold?: number | undefined
  /** Probability that a user's next item is the follower of an earlier one. Default 0, range 0 to 1. */
  readonly sequence?: number | undefined
  /** Distance of that earlier item, in positions. Default 1, range 1 to 16. */
  readonly lag?: number | undefined
  /** Number of relations between users and items, at most `factors`. Default 1, range 1 to 64. */
  readonly relations?: number | undefined
  /** Seed of the random numbers. Default 0, at least 0. */
  readonly seed?: number | undefined
}

/** Random rows for test. */
export interface RandomSplit {
  readonly by: 'random'
  /** Fraction of the rows for test. Default 0.1, range 0 to below 1. */
  readonly test?: number | undefined
  /** Fraction of the other rows for validation; true is a tenth. Default false. */
  readonly validation?: boolean | number | undefined
  /** Seed of the random numbers. Default 0, at least 0. */
  readonly seed?: number | undefined
}

/** Test rows from a data set of their own. The catalogue is the union of both. */
export interface FileSplitFields {
  readonly by: 'file'
  /** Fraction of the training rows for validation; true is a tenth. Default false. */
  readonly validation?: boolean | number | undefined
  /** Seed of the random numbers. Default 0, at least 0. */
  readonly seed?: number | undefined
}

/** The same fractions of each user's rows, at random. */
export interface PerUserSplit {
  readonly by: 'per-user'
  /** Fractions for training, validation and test, or for training and test. Default [0.8, 0.1, 0.1]. */
  readonly fractions?:
    | readonly [train: number, validation: number, test: number]
    | readonly [train: number, test: number]
    | undefined
  /** Users with fewer rows are left out of all parts. Default 1, at least 0. */
  readonly min?: number | undefined
  /**
   * Fraction of the rows that are not test for validation, in place of the one in `fractions`. False adds these rows to
   * training; true is a tenth if `fractions` has no validation part. Default: the part in fractions.
   */
  readonly validation?: boolean | number | undefined
  /** Seed of the random numbers. Default 0, at least 0. */
  readonly seed?: number | undefined
}

/** Each user's last row for test. Users with one row stay in training. */
export interface LeaveOneOutSplit {
  readonly by: 'leave-one-out'
  /** Whether the row before the last is for validation, for users with three rows or more. Default false. */
  readonly validation?: boolean | undefined
  /** Order that defines the last row. Default 'time'. */
  readonly order?: 'time' | 'rows' | undefined
}

/** The latest rows of all users for test. The data must have times. */
export interface TimeSplit {
  readonly by: 'time'
  /** Fraction of the rows for test. Default 0.1, range 0 to below 1. */
  readonly test?: number | undefined
  /** Fraction of the other rows for validation, the latest; true is a tenth. Default false. */
  readonly validation?: boolean | number | undefined
}

/** Whole users for test, to measure recommendations for new users. */
export interface UserSplit {
  readonly by: 'user'
  /** Fraction of the users for test. Default 0.1, range 0 to below 1. */
  readonly test?: number | undefined
  /**
   * Fraction of each held-out user's rows that is given to fold the user in, at random and rounded down. The part
   * itself consists of the other rows. Default 0.5, range 0 to below 1.
   */
  readonly given?: number | undefined
  /** Fraction of the other users for validation; true is a tenth. Default false. */
  readonly validation?: boolean | number | undefined
  /** Seed of the random numbers. Default 0, at least 0. */
  readonly seed?: number | undefined
}

/** One fold of the shuffled rows for test. */
export interface KfoldSplit {
  readonly by: 'kfold'
  /** Number of folds. Default 5, range 2 to 1e3. */
  readonly folds?: number | undefined
  /** The fold for test, from 0, below `folds`. Default 0, range 0 to 999. */
  readonly fold?: number | undefined
  /** Fraction of the other rows for validation; true is a tenth. Default false. */
  readonly validation?: boolean | number | undefined
  /** Seed of the random numbers. Default 0, at least 0. */
  readonly seed?: number | undefined
}
