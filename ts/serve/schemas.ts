// Shapes of requests and answers, declared once: requests are validated by them, and openapi.json is made of them.
import * as z from 'zod'
import type { Limits } from './options.ts'

/** Characters of an id or a title in a request. */
const MOST_CHARACTERS = 1000
/** Entries of a filter or a boost. */
const MOST_WORDS = 1000

const id = z
  .union([z.string().max(MOST_CHARACTERS), z.int()], { error: 'an id: text, or a whole number below 2⁵³' })
  .describe('Id of a user or an item. A whole number is the same id as its digits.')
const word = z.union([z.string().max(MOST_CHARACTERS), z.number(), z.boolean()], {
  error: 'text, a number, true or false',
})
const words = z.array(word).max(MOST_WORDS)

const item = z.string().describe('Id of the item.')
const title = z.string().optional().describe('Title of the item, where it has one.')
const score = z.number().describe('Larger is better. The scale depends on the model.')
const scored = z.array(z.strictObject({ item, title, score })).describe('Best first.')
const kind = z.string().describe('Kind of the model, such as cml.')
const source = z
  .enum(['model', 'popular'])
  .describe('popular: the model knows nothing of the user; scores are numbers of training interactions.')
const valued = z.array(z.strictObject({ item, title, value: z.number() }))
const named = z.array(z.strictObject({ name: z.string(), value: z.number() }))

/** The shapes, with the limits of a handler. */
export function schemasOf(limits: Limits) {
  const several = (most: number) => z.array(id).min(1).max(most)
  const k = z.int().min(1).max(limits.k).optional().describe('Items in a list. Default 10.')
  const unknown = z
    .enum(['error', 'skip'])
    .optional()
    .describe('Whether unknown items are an error, or left out. Default error.')
  return {
    recommend: {
      request: z
        .strictObject({
          users: several(limits.users).optional().describe('Users to recommend items to.'),
          history: z
            .array(
              z.union([id, z.strictObject({ item: id, rating: z.number().optional() })], {
                error: 'an id or an object { item, rating }',
              }),
            )
            .max(limits.history)
            .optional()
            .describe('In place of users: the items of a new user, the latest last for sequential models.'),
          k,
          seen: z
            .enum(['exclude', 'include'])
            .optional()
            .describe('Whether items that the user has interacted with are left out. Default exclude.'),
          exclude: z.array(id).optional().describe('Items that are not recommended.'),
          candidates: z.array(id).optional().describe('Items to choose from. Default all.'),
          unknown,
          filter: z
            .record(
              z.string(),
              z.strictObject({ any: words.optional(), all: words.optional(), none: words.optional() }),
            )
            .optional()
            .describe(
              'Conditions on genres, features or columns of items, all of which have to hold: any, all or none of the values.',
            ),
          boost: z
            .record(z.string(), z.record(z.string(), z.number().min(-1e9).max(1e9)))
            .optional()
            .describe('For a value of genres, features or columns: what is added to the scores of its items.'),
          diversity: z
            .number()
            .min(0)
            .max(1)
            .optional()
            .describe('λ of maximal marginal relevance. 1 orders by score alone, 0 by dissimilarity alone. Default 1.'),
        })
        .meta({ oneOf: [{ required: ['users'] }, { required: ['history'] }] }),
      answer: z.union([
        z.strictObject({ model: kind, users: z.array(z.strictObject({ user: z.string(), source, items: scored })) }),
        z.strictObject({ model: kind, source, items: scored }),
      ]),
    },
    similar: {
      request: z.strictObject({ items: several(limits.users), k, unknown }),
      answer: z.strictObject({
        model: kind,
        items: z
          .array(z.strictObject({ item, title, similar: scored }))
          .describe('A list for each item; items that were left out have none.'),
      }),
    },
    explain: {
      request: z.strictObject({ user: id, item: id }),
      answer: z.strictObject({
        model: kind,
        user: z.string(),
        item,
        title,
        parts: named.describe('Terms that add up to the score.'),
        items: valued.describe("What each of the user's items adds to the score."),
        nearest: z
          .array(z.strictObject({ item, title, distance: z.number() }))
          .describe("The user's items with their distances from this one."),
        features: named.describe('Features of an item without training interactions.'),
        weights: z.array(
          z.strictObject({
            name: z.string(),
            rows: z.array(z.looseObject({})),
            columns: z.array(z.looseObject({})),
            values: z.array(z.array(z.number())),
          }),
        ),
      }),
    },
    items: {
      request: z
        .strictObject({
          query: z.string().max(MOST_CHARACTERS).optional().describe('Part of a title, or an id.'),
          ids: several(limits.users).optional().describe('In place of query: ids of items.'),
          offset: z.int().min(0).optional().describe('Without query and ids: the first item of the list. Default 0.'),
          k,
          unknown,
        })
        .meta({ not: { required: ['query', 'ids'] } }),
      query: z.strictObject({
        q: z.string().max(MOST_CHARACTERS).optional().describe('Part of a title, or an id. Default: all items.'),
        offset: z.coerce.number().int().min(0).optional().describe('Without q: the first item. Default 0.'),
        k: z.coerce.number().int().min(1).max(limits.k).optional().describe('Number of items. Default 10.'),
      }),
      answer: z.strictObject({
        total: z.int().describe('Number of items of the model.'),
        items: z.array(
          z.strictObject({
            item,
            title,
            exact: z.boolean().optional().describe('Of a search: whether the text is its id, or its title alone.'),
            interactions: z.int().describe('Number of training interactions.'),
            values: z
              .record(z.string(), z.array(z.string()))
              .describe('Values of genres, features and columns, by which items are filtered.'),
          }),
        ),
      }),
    },
    live: { answer: z.strictObject({ status: z.literal('live') }) },
    ready: {
      answer: z.strictObject({
        status: z.literal('ready'),
        model: z.strictObject({
          kind,
          task: z.enum(['rating', 'ranking']),
          users: z.int(),
          items: z.int(),
          loaded: z.iso.datetime().describe('When the model was loaded.'),
          filters: z.array(z.string()).describe('What items can be filtered and boosted by.'),
        }),
      }),
    },
    error: {
      answer: z.strictObject({
        error: z.strictObject({
          code: z.string().describe('A stable code, such as model/unknown-user.'),
          message: z.string(),
          details: z.record(z.string(), z.unknown()),
        }),
      }),
    },
  }
}

export type Schemas = ReturnType<typeof schemasOf>
export type RecommendRequest = z.infer<Schemas['recommend']['request']>
export type RecommendAnswer = z.infer<Schemas['recommend']['answer']>
export type SimilarRequest = z.infer<Schemas['similar']['request']>
export type SimilarAnswer = z.infer<Schemas['similar']['answer']>
export type ExplainRequest = z.infer<Schemas['explain']['request']>
export type ItemsRequest = z.infer<Schemas['items']['request']>
export type ItemsAnswer = z.infer<Schemas['items']['answer']>
export type ReadyAnswer = z.infer<Schemas['ready']['answer']>
export type Filter = NonNullable<RecommendRequest['filter']>
export type Boost = NonNullable<RecommendRequest['boost']>
