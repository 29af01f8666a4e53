import { gzipSync } from 'node:zlib'
import { Dataset, EASE, type History, readHistory } from 'tastespace'
import { expect, test } from 'vitest'
import { zipOf } from '../data/zip.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
const items = bytes('item,title\n1,Heat (1995)\n2,"Matrix, The (1999)"\n3,Airbag\n4,Breaking Bad\n5,Radiohead\n')

async function model() {
  const data = await Dataset.fromRows(
    [1, 2, 3, 4, 5].flatMap((item) => [
      { user: 'ann', item, rating: 1 + (item % 5) },
      { user: 'bob', item, rating: 5 - (item % 5) },
    ]),
    { items },
  )
  const ease = await EASE.create()
  await ease.fit(data, { epochs: 1 })
  return ease
}
const ease = await model()

const matched = async (history: History) =>
  (await ease.matchHistory(history)).matched.map(({ item, rating }) => [item, rating])

test('ratings of Letterboxd are brought to the range of the model', async () => {
  const history = await readHistory(
    bytes(
      'Date,Name,Year,Letterboxd URI,Rating\n2020-01-02,The Matrix,1999,https://x/1,0.5\n2020-01-01,Heat,1995,https://x/2,5\n',
    ),
  )
  expect([history.service, history.scale]).toEqual(['letterboxd', [0.5, 5]])
  // The earlier first; the lowest rating of Letterboxd is the lowest of the model.
  expect(await matched(history)).toEqual([
    ['1', 5],
    ['2', 1],
  ])
  const { matched: own } = await ease.matchHistory(history)
  const list = await ease.recommendFor(own, { k: 10 })
  expect(list.map(({ item }) => item).sort()).toEqual(['3', '4', '5'])
})

test('a Goodreads rating of 0 is none, and ids of another catalogue do not count', async () => {
  const history = await readHistory(
    bytes('Book Id,Title,Author,My Rating,Exclusive Shelf\n2,Heat,Ann,0,read\n1,Something else,Ann,5,read\n'),
  )
  expect(history.service).toBe('goodreads')
  const { matched, unmatched } = await ease.matchHistory(history)
  expect(matched).toMatchObject([{ item: '1' }])
  expect(matched[0]).not.toHaveProperty('rating')
  expect(unmatched).toMatchObject([{ title: 'Something else', rating: 5 }])
})

test('episodes of Netflix stand for their series', async () => {
  const history = await readHistory(
    bytes('Title,Date\n"Breaking Bad: Season 1: Pilot",1/2/20\n"Breaking Bad: Season 1: Two",1/1/20\nHeat,1/1/19\n'),
  )
  expect(history.service).toBe('netflix')
  expect(await matched(history)).toEqual([
    ['1', undefined],
    ['4', undefined],
  ])
})

test.each<[string, unknown, string, [string, number | undefined][]]>([
  [
    'Trakt',
    [
      {
        rated_at: '2020-01-01T00:00:00.000Z',
        rating: 10,
        type: 'movie',
        movie: { title: 'Heat', year: 1995, ids: { imdb: 'tt1' } },
      },
      {
        rated_at: '2020-01-02T00:00:00.000Z',
        rating: 1,
        type: 'show',
        show: { title: 'Breaking Bad', year: 2008, ids: {} },
      },
    ],
    'trakt',
    [
      ['1', 5],
      ['4', 1],
    ],
  ],
  [
    'Spotify, whose items are tracks',
    [
      {
        ts: '2020-01-01T00:00:00Z',
        master_metadata_track_name: 'Airbag',
        master_metadata_album_artist_name: 'Somebody',
      },
      { ts: '2020-01-02T00:00:00Z', master_metadata_track_name: null, episode_name: 'An episode' },
    ],
    'spotify',
    [['3', undefined]],
  ],
  [
    'Spotify, whose items are artists',
    [
      { endTime: '2020-01-01 10:00', artistName: 'Radiohead', trackName: 'Lucky', msPlayed: 1 },
      { endTime: '2020-01-01 11:00', artistName: 'Radiohead', trackName: 'Let Down', msPlayed: 1 },
    ],
    'spotify',
    [['5', undefined]],
  ],
  [
    'Last.fm',
    [{ track: [{ name: 'Airbag', artist: { '#text': 'Somebody' }, date: { uts: '1600000000' } }] }],
    'lastfm',
    [['3', undefined]],
  ],
])('an export of %s in JSON is read', async (_, content, service, expected) => {
  const history = await readHistory(bytes(JSON.stringify(content)))
  expect(history.service).toBe(service)
  expect(await matched(history)).toEqual(expected)
})

const LETTERBOXD = 'Date,Name,Year,Letterboxd URI,Rating\n2020-01-01,Heat,1995,https://x/2,5\n'

test.each([
  ['gzip', gzipSync(LETTERBOXD)],
  ['zip', zipOf({ 'ratings.csv': LETTERBOXD })],
  ['UTF-16', Buffer.from(`\ufeff${LETTERBOXD}`, 'utf16le')],
])('an export in %s is read as the export that it is', async (_, content) => {
  const { service, rows } = await readHistory(new Uint8Array(content))
  expect([service, rows.map(({ title }) => title)]).toEqual(['letterboxd', ['Heat']])
})

test('a list has an id or a title a line, perhaps with a rating', async () => {
  const history = await readHistory(bytes('2=4.5\nMatrix, The (1999)\nheat=3\n\nnothing\n'))
  expect(history).toMatchObject({ service: 'list', scale: null })
  expect(await matched(history)).toEqual([
    ['2', 4.5],
    ['1', 3],
  ])
  expect((await ease.matchHistory(history)).unmatched).toMatchObject([{ line: 5, id: 'nothing' }])
})

test('what is no history is refused', async () => {
  await expect(readHistory(bytes('[{"a":1}]'))).rejects.toMatchObject({ code: 'data/unrecognised' })
  await expect(readHistory(bytes('[{"a":1'))).rejects.toMatchObject({ code: 'data/bad-json' })
  await expect(readHistory(bytes('\n'))).rejects.toMatchObject({ code: 'data/no-rows' })
  const wrong: unknown = { rows: [{ year: 1 }] }
  await expect(ease.matchHistory(wrong as History)).rejects.toMatchObject({ code: 'config/bad-argument' })
})
