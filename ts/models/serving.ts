import { badArgument, checkKeys, checkOptions, optionsText } from '../arguments.ts'
import { type Id, packIds, unpackTexts } from '../data/ids.ts'
import { ask, EngineObject } from '../engine/handle.ts'
import type { History } from '../history/history.ts'
import { checkHistory, type MatchedHistory, matchHistory } from '../history/match.ts'
import { isTyped } from '../realm.ts'
import type {
  Explanation,
  HistoryItem,
  ModelInfo,
  PredictOptions,
  RankingVectors,
  RecommendedArrays,
  RecommendedUsers,
  RecommendOptions,
  ScoredItem,
  SeenItems,
} from './answers.ts'
import { itemNames, named } from './names.ts'
import { PREDICT_KEYS, packHistories, packPairs, rankedItems, recommendText } from './queries.ts'
import { rankingVectors } from './ranking-vectors.ts'
import { recommendAll } from './recommend-all.ts'
import { advised } from './titles/advice.ts'
import { type FindOptions, type FoundItem, foundItems, titleOf } from './titles/find.ts'

/**
 * What a trained model answers, in the whole library and in `tastespace/edge`.
 *
 * @example
 * const best = await model.recommend('alice', { k: 5 })
 */
export abstract class ServingModel extends EngineObject {
  /** Name of the kind, such as `biased-mf`. */
  abstract readonly kind: string

  /**
   * The predicted rating, or the score, of each pair of a user and an item. With `unknown: 'skip'` it is NaN for a pair with a
   * user or an item that the model does not know.
   *
   * @example
   * const [rating] = await model.predict([['alice', 'matrix']])
   *
   * @throws `model/unknown-user`, `model/unknown-item`, `model/not-fitted`, `config/…`
   */
  async predict(
    pairs: readonly (readonly [user: Id, item: Id])[],
    options: PredictOptions = {},
  ): Promise<Float32Array> {
    const [users, items] = packPairs('predict', pairs)
    const sent = optionsText('predict', checkKeys('predict', options, PREDICT_KEYS))
    return advised(this, ask(this, 'predict', users, items, sent))
  }

  /**
   * The best items for users, best first: a list for each of several users, or one list for one user. The score of a rating
   * model is a lower bound of the predicted rating, so that few high ratings do not suffice. Equal scores are ordered by index. With `unknown: 'skip'` the list of a user whom the model does not know is empty.
   *
   * @example
   * const [forAlice, forBob] = await model.recommend(['alice', 'bob'], { k: 5, exclude: ['sold-out'] })
   * const forAliceToo = await model.recommend('alice', { k: 5 })
   *
   * @throws `model/unknown-user`, `model/unknown-item`, `model/not-fitted`, `model/no-history`, `config/…`
   */
  recommend(users: readonly Id[], options?: RecommendOptions): Promise<ScoredItem[][]>
  recommend(user: Id, options?: RecommendOptions): Promise<ScoredItem[]>
  async recommend(users: Id | readonly Id[], options: RecommendOptions = {}): Promise<ScoredItem[] | ScoredItem[][]> {
    return rankedItems(this, users, (users) =>
      ask(this, 'rank', 'users', { ids: packIds('recommend', 'users', users) }, recommendText('recommend', options)),
    )
  }

  /**
   * The best items as arrays of indices and scores, without an object for each: for large batches. Users are ids or, as a
   * `Uint32Array`, indices into `userIds()`.
   *
   * @example
   * const ids = await model.itemIds()
   * const { items, scores, ends } = await model.recommendArrays(Uint32Array.of(0, 1, 2), { k: 10 })
   * const best = ids[items[0]]
   *
   * @throws those of `recommend`
   */
  async recommendArrays(
    users: Uint32Array | readonly Id[],
    options: RecommendOptions = {},
  ): Promise<RecommendedArrays> {
    const asked = isTyped(users, 'Uint32Array')
      ? { indices: users }
      : { ids: packIds('recommendArrays', 'users', users) }
    return advised(this, ask(this, 'rank', 'users', asked, recommendText('recommendArrays', options)))
  }

  /**
   * The best items for all users, as arrays, some users at a time: the order is that of `userIds()`. The engine computes the next
   * lists while a program reads some.
   *
   * @example
   * const [users, ids] = [await model.userIds(), await model.itemIds()]
   * for await (const { from, items, ends } of model.recommendAll({ k: 20 })) {
   *   let start = 0
   *   for (const [place, end] of ends.entries()) {
   *     console.log(users[from + place], Array.from(items.subarray(start, end), (item) => ids[item]))
   *     start = end
   *   }
   * }
   *
   * @throws those of `recommend`
   */
  async *recommendAll(options: RecommendOptions = {}): AsyncGenerator<RecommendedUsers> {
    yield* recommendAll(this, checkOptions('recommendAll', options))
  }

  /**
   * The best items for users or sessions that are not in the model, from their histories: a list for each of several
   * histories, or one list for one history. For sequential models histories are in order, the latest item last. With
   * `unknown: 'skip'` items that the model does not know are left out; a history of such items only gets an empty list.
   *
   * @example
   * const forVisitor = await model.recommendFor([{ item: 'matrix', rating: 5 }, { item: 'inception' }])
   *
   * @throws `model/unknown-item`, `model/unsupported`, `model/not-fitted`, `data/rating-out-of-range` for a rating outside the
   * range of the model, `config/…`
   */
  recommendFor(history: readonly HistoryItem[], options?: RecommendOptions): Promise<ScoredItem[]>
  recommendFor(histories: readonly (readonly HistoryItem[])[], options?: RecommendOptions): Promise<ScoredItem[][]>
  async recommendFor(
    given: readonly HistoryItem[] | readonly (readonly HistoryItem[])[],
    options: RecommendOptions = {},
  ): Promise<ScoredItem[] | ScoredItem[][]> {
    if (!Array.isArray(given)) throw badArgument('recommendFor', 'history', given, 'an array of items')
    const several = Array.isArray(given[0])
    const histories = several ? given : [given]
    const sent = recommendText('recommendFor', options)
    const asked = ask(this, 'rank', 'histories', packHistories(histories), sent)
    const [ranked, names] = await named(this, advised(this, asked))
    const lists = names.ranked(ranked)
    return several ? lists : (lists[0] ?? [])
  }

  /**
   * Why an item has its score for a user: for each of several pairs, or for one.
   *
   * @example
   * const { parts, items } = await model.explain('alice', 'matrix')
   * const explanations = await model.explain([['alice', 'matrix'], ['bob', 'matrix']])
   *
   * @throws `model/unknown-user`, `model/unknown-item`, `model/not-fitted`
   */
  explain(user: Id, item: Id): Promise<Explanation>
  explain(pairs: readonly (readonly [user: Id, item: Id])[]): Promise<Explanation[]>
  async explain(
    pairs: Id | readonly (readonly [user: Id, item: Id])[],
    item?: Id,
  ): Promise<Explanation | Explanation[]> {
    const several = Array.isArray(pairs)
    const [users, items] = packPairs('explain', several ? pairs : [[pairs, item]])
    const [text, names] = await named(this, advised(this, ask(this, 'explain', users, items)))
    const explained = JSON.parse(text)
    return several ? explained.map(names.explanation, names) : names.explanation(explained[0])
  }

  /**
   * Why items have their scores for a user or a session that is not in the model, from the history: for each of several items, or
   * for one. The value of an item of the history is what the score loses without it. `weights` has the attention over the history,
   * of kinds that have one.
   *
   * @example
   * const history = [{ item: 'matrix', rating: 5 }, { item: 'inception' }]
   * const [best] = await model.recommendFor(history, { k: 1 })
   * const { items } = await model.explainFor(history, best.item)
   *
   * @throws `model/unknown-item`, `model/not-fitted`, `data/rating-out-of-range`, `config/bad-argument`
   */
  explainFor(history: readonly HistoryItem[], item: Id): Promise<Explanation>
  explainFor(history: readonly HistoryItem[], items: readonly Id[]): Promise<Explanation[]>
  async explainFor(history: readonly HistoryItem[], items: Id | readonly Id[]): Promise<Explanation | Explanation[]> {
    const several = Array.isArray(items)
    const asked = packIds('explainFor', 'items', several ? items : [items])
    const answer = ask(this, 'explainFor', packHistories([history], 'explainFor'), asked)
    const [text, names] = await named(this, advised(this, answer))
    const explained = JSON.parse(text)
    return several ? explained.map(names.explanation, names) : names.explanation(explained[0])
  }

  /**
   * Vectors of users and items by which a database or an index ranks the items as `recommend` does. `tastespace/export`
   * writes them for some. Scores of a rating model are those of top lists: lower bounds.
   *
   * @example
   * const { metric, dimension, users, items } = await model.rankingVectors()
   *
   * @throws `model/unsupported` for `lrml`, `glocal-k`, `ease`, `item-knn` and others whose scores are not inner products or
   * distances, `model/not-fitted`, `model/no-history` for a sequential model that was saved without its history
   */
  async rankingVectors(): Promise<RankingVectors> {
    return rankingVectors(this, await this.info())
  }

  /**
   * The items that `recommend` leaves out for each user: those of the training interactions.
   *
   * @example
   * const { items, ends } = await model.seenItems()
   * const ids = await model.itemIds()
   * const ofFirstUser = Array.from(items.subarray(0, ends[0]), (item) => ids[item])
   *
   * @throws `model/no-history` for a model that was saved without its history, `model/not-fitted`
   */
  async seenItems(): Promise<SeenItems> {
    return ask(this, 'seen')
  }

  /** Kind, task, options, sizes, and how it was trained. */
  async info(): Promise<ModelInfo> {
    return JSON.parse(await ask(this, 'info'))
  }

  /** Ids of the users it knows, in the order of their indices. */
  async userIds(): Promise<string[]> {
    return unpackTexts(await ask(this, 'names', 'users'))
  }

  /** Ids of the items it knows, in the order of their indices. */
  async itemIds(): Promise<string[]> {
    return [...(await itemNames(this)).ids]
  }

  /** Titles in the order of `itemIds()`, empty text for an item without one; an empty list if there are no titles. */
  async itemTitles(): Promise<string[]> {
    return [...(await itemNames(this)).titles]
  }

  /**
   * Genres in the order of `itemIds()`; an empty list if there are no titles and genres.
   *
   * @example
   * const [ofFirst] = await model.genres()
   *
   * @throws `model/not-fitted`
   */
  async genres(): Promise<string[][]> {
    const joined = unpackTexts(await ask(this, 'names', 'genres'))
    return joined.map((genres) => (genres === '' ? [] : genres.split('|')))
  }

  /**
   * Features in the order of `itemIds()`, by their names or else their ids; an empty list if there are none.
   *
   * @example
   * const [ofFirst] = await model.features()
   *
   * @throws `model/not-fitted`
   */
  async features(): Promise<string[][]> {
    const joined = unpackTexts(await ask(this, 'names', 'features'))
    return joined.map((features) => (features === '' ? [] : features.split('\n')))
  }

  /**
   * Number of training rows of each item, in the order of `itemIds()`: how popular the items are.
   *
   * @example
   * const rows = await model.itemRows()
   *
   * @throws `model/not-fitted`
   */
  async itemRows(): Promise<Uint32Array> {
    return ask(this, 'rows', 'items')
  }

  /**
   * The title of an item; undefined for an item without one.
   *
   * @example
   * const title = await model.title(1)
   *
   * @throws `model/unknown-item`, `model/not-fitted`
   */
  async title(item: Id): Promise<string | undefined> {
    return titleOf(await itemNames(this), item)
  }

  /**
   * Items whose id or title matches a text, best first. Case, diacritics, punctuation and articles do not matter, and a year
   * after the title may differ by one. `exact` is true for an id, and for a title that no other item has.
   *
   * @example
   * const [best] = await model.find('toy st')
   * const [{ item }] = await model.find('the matrix (1999)')
   *
   * @throws `model/not-fitted`, `config/…`
   */
  async find(text: string, options: FindOptions = {}): Promise<FoundItem[]> {
    return foundItems(await itemNames(this), text, options)
  }

  /**
   * Finds the items of one person's history in this model, by title and year, or by id where the rows have no titles. No
   * row is matched to an item that may be wrong: it is ambiguous then, with the candidates, or unmatched. Ratings are brought
   * to the range of the model: the lowest of the service becomes the lowest of the model, the highest the highest.
   *
   * @example
   * const { matched, ambiguous, unmatched } = await model.matchHistory(await readHistory('ratings.csv'))
   * const forMe = await model.recommendFor(matched)
   *
   * @throws `model/not-fitted`, `config/bad-argument`
   */
  async matchHistory(history: History): Promise<MatchedHistory> {
    checkHistory(history)
    const info = await this.info()
    return matchHistory(await itemNames(this), history, info.fitted ? info.range : [0, 0])
  }
}
