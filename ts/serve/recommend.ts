import type { HistoryItem, RecommendOptions } from 'tastespace'
import { TastespaceError } from '../errors.ts'
import { mostQueries } from './batcher.ts'
import type { Context } from './context.ts'
import { diverse } from './diverse.ts'
import type { Boosts, Passing } from './filter.ts'
import { clipped } from './issues.ts'
import { indicesOf } from './items.ts'
import { boosted, filtered, first, type Ranking, rankingsOf, scoredItems } from './ranking.ts'
import type { RecommendAnswer, RecommendRequest } from './schemas.ts'

/** Items that a diverse list of `k` is chosen from. */
function poolOf(k: number): number {
  return Math.max(2 * k, Math.min(Math.max(100, 5 * k), 1000))
}

/** A filter that passes at least this fraction of the items is applied to longer lists; others are candidates of the engine. */
const BROAD = 1 / 16

/** A request as the lists need it: items by index, and their ids where the engine is asked. */
interface Plan {
  readonly k: number
  readonly seen: 'exclude' | 'include'
  readonly exclude: readonly number[]
  /** The items that the engine chooses from; undefined for all. */
  readonly candidates: readonly string[] | undefined
  /** The items that pass a filter which the engine does not apply. */
  readonly passing: Passing | undefined
  readonly boosts: Boosts | undefined
  /** Below 1 for diverse lists. */
  readonly lambda: number
  /** Items that the list is chosen from. */
  readonly pool: number
  /** Equal for requests that the engine can answer together. */
  readonly key: string
}

/** A list of a user, and where it comes from. */
interface List {
  readonly source: 'model' | 'popular'
  readonly ranking: Ranking
}

/** The best items of some of the queries, by their positions in the request. */
type Ask = (places: readonly number[], k: number) => Promise<readonly Ranking[]>

/** `/recommend`: the best items for users, or for a history. */
export async function recommend(context: Context, request: RecommendRequest): Promise<RecommendAnswer> {
  const { users, history } = request
  if ((users === undefined) === (history === undefined)) {
    const message = 'the request has to have either users or history, and not both'
    throw new TastespaceError('config/conflict', message, { keys: ['users', 'history'] })
  }
  const plan = planOf(context, request)
  const { model, catalogue } = context.served
  const shown = async ({ source, ranking }: List) => ({
    source,
    items: scoredItems(catalogue, await chosen(context, plan, ranking)),
  })
  if (history) return { model: model.kind, ...(await shown(await listOfHistory(context, plan, history, request))) }
  const ids = (users ?? []).map(String)
  const answer = []
  for (const [place, list] of (await listsOfUsers(context, plan, ids)).entries()) {
    answer.push({ user: ids[place] ?? '', ...(await shown(list)) })
  }
  return { model: model.kind, users: answer }
}

function planOf({ served }: Context, request: RecommendRequest): Plan {
  const { catalogue } = served
  const { k = 10, seen = 'exclude', exclude = [], candidates, unknown, filter, boost, diversity = 1 } = request
  const passing = filter && served.passing(filter)
  const named = candidates && indicesOf(catalogue, candidates, unknown)
  const allowed = named?.filter((index) => passing?.flags[index] !== 0).map((index) => catalogue.ids[index] ?? '')
  const broad = passing && !named && passing.ids.length >= BROAD * catalogue.ids.length
  return {
    k,
    seen,
    exclude: indicesOf(catalogue, exclude, unknown),
    candidates: allowed ?? (broad ? undefined : passing?.ids),
    passing: broad ? passing : undefined,
    boosts: boost && served.boosts(boost),
    lambda: diversity,
    pool: diversity < 1 ? poolOf(k) : k,
    key: JSON.stringify([seen, exclude, candidates, filter]),
  }
}

async function listsOfUsers(context: Context, plan: Plan, users: readonly string[]): Promise<List[]> {
  const { served, batcher, signal } = context
  const { model } = served
  const ask: Ask = (places, k) => {
    const call = async (ids: readonly string[]) =>
      rankingsOf(await model.recommendArrays(ids, options(context, plan, k)))
    const asked = places.map((place) => users[place] ?? '')
    return batcher.ask(`users ${k} ${plan.key}`, asked, call, { signal, entries: k })
  }
  const rankings = await certain(context, plan, users.length, ask)
  // The list of an unknown user is empty; so is that of a user for whom no item is left.
  const empty = users.filter((_, place) => rankings[place]?.items.length === 0)
  const unknown = empty.length === 0 ? new Set() : await unknownUsers(context, empty)
  return users.map((user, place) => {
    if (unknown.has(user)) return popular(context, plan, user)
    return { source: 'model', ranking: rankings[place] ?? { items: [], scores: [] } }
  })
}

async function listOfHistory(
  context: Context,
  plan: Plan,
  history: NonNullable<RecommendRequest['history']>,
  { unknown }: RecommendRequest,
): Promise<List> {
  const { served, batcher, signal } = context
  const { model, catalogue } = served
  const entries = history.map((entry) => (typeof entry === 'object' ? entry : { item: entry }))
  const known = entries.filter(({ item }) => indicesOf(catalogue, [item], unknown).length > 0)
  if (known.length === 0) return popular(context, plan, undefined)
  const ask: Ask = (_, k) => {
    const call = async (histories: readonly (readonly HistoryItem[])[]) => {
      const lists = await model.recommendFor(histories, options(context, plan, k))
      return lists.map((list) => ({
        items: list.map(({ item }) => catalogue.indexOf(item) ?? 0),
        scores: list.map(({ score }) => score),
      }))
    }
    return batcher.ask(`history ${k} ${plan.key}`, [known], call, { signal, entries: k })
  }
  const [ranking = NOTHING] = await certain(context, plan, 1, ask)
  return { source: 'model', ranking }
}

const NOTHING: Ranking = { items: [], scores: [] }

/** Options of the engine. Everything is known to it but users, whose lists are then empty. */
function options({ served }: Context, { seen, exclude, candidates }: Plan, k: number): RecommendOptions {
  return { k, seen, exclude: exclude.map((index) => served.catalogue.ids[index] ?? ''), candidates, unknown: 'skip' }
}

/**
 * The first `pool` items of each query that pass the filter, by boosted scores. Lists are fetched, longer and longer, until no
 * item beyond the last one can be among them, whatever its boost.
 */
async function certain({ served, signal }: Context, plan: Plan, queries: number, ask: Ask): Promise<Ranking[]> {
  const { pool, candidates, passing, boosts } = plan
  let pending = Array.from({ length: queries }, (_, place) => place)
  if (candidates?.length === 0) return pending.map(() => NOTHING)
  if (!boosts && !passing) return [...(await ask(pending, pool))]
  const all = served.catalogue.ids.length
  const done: Ranking[] = []
  for (let k = Math.min(firstLength(plan), all); pending.length > 0; k = Math.min(4 * k, all)) {
    const open: number[] = []
    // Long lists a few at a time, to bound the memory that they take.
    for (let from = 0; from < pending.length; from += mostQueries(k)) {
      signal.throwIfAborted()
      const places = pending.slice(from, from + mostQueries(k))
      for (const [at, ranking] of (await ask(places, k)).entries()) {
        const place = places[at] ?? 0
        const passed = passing ? filtered(ranking, passing.flags) : ranking
        const list = boosts ? boosted(passed, boosts) : passed
        const beyond = boosts ? (ranking.scores.at(-1) ?? 0) + boosts.most : Number.NEGATIVE_INFINITY
        const whole = ranking.items.length < k || k === all
        const enough = list.items.length >= pool && (!boosts || (list.scores[pool - 1] ?? 0) > beyond)
        if (whole || enough) done[place] = first(list, pool)
        else open.push(place)
      }
    }
    pending = open
  }
  return done
}

/** The length of the lists that are fetched first: enough for most users. */
function firstLength({ pool, passing, boosts }: Plan): number {
  const fraction = passing ? passing.ids.length / passing.flags.length : 1
  return Math.ceil(((boosts ? 2 : 1.5) * pool) / fraction)
}

/** The items of a list that are in the answer. */
async function chosen({ served, signal }: Context, { k, lambda }: Plan, ranking: Ranking): Promise<Ranking> {
  if (lambda === 1) return first(ranking, k)
  const similarity = await served.similarity()
  // A diverse list takes up to a tenth of a second; other requests come first.
  await new Promise((resolve) => setTimeout(resolve, 0))
  signal.throwIfAborted()
  return diverse(ranking, k, lambda, similarity)
}

/** Which users the model does not know. */
async function unknownUsers({ served, batcher, signal }: Context, users: readonly string[]): Promise<Set<string>> {
  const { model, catalogue } = served
  const item = catalogue.ids[catalogue.byPopularity[0] ?? 0] ?? ''
  const call = async (users: readonly string[]) => {
    const pairs = users.map((user): [string, string] => [user, item])
    return Array.from(await model.predict(pairs, { unknown: 'skip' }), (score) => !Number.isNaN(score))
  }
  const known = await batcher.ask('known', users, call, { signal })
  return new Set(users.filter((_, place) => !known[place]))
}

/** The popular items, for a user whom the model does not know, or for a history without a known item. */
function popular({ served, settings }: Context, plan: Plan, user: string | undefined): List {
  const { catalogue, info } = served
  if (settings.unknownUsers === 'error') {
    const who = user === undefined ? 'a history without a known item' : `unknown user '${clipped(user)}'`
    const message = `${who}: the model knows ${info.users} users; send the items of a new user as history`
    throw new TastespaceError('model/unknown-user', message, {
      ...(user !== undefined && { id: clipped(user) }),
      known: info.users,
    })
  }
  const out = new Set(plan.exclude)
  const allowed = plan.candidates && new Set(plan.candidates)
  const items: number[] = []
  for (const index of catalogue.byPopularity) {
    if (items.length === plan.pool) break
    if (out.has(index) || plan.passing?.flags[index] === 0) continue
    if (allowed?.has(catalogue.ids[index] ?? '') !== false) items.push(index)
  }
  return { source: 'popular', ranking: { items, scores: items.map((index) => catalogue.rows[index] ?? 0) } }
}
