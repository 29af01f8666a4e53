import { expect, test } from 'vitest'
import { zipOf } from '../data/zip.ts'
import { withPage } from './support.ts'

const TEXT = 'user,item,rating\nann,Amélie,4\nbob,Amélie,2.5\n'
const JSON_ROWS = [
  { user: 'ann', item: 'Amélie', rating: 4 },
  { user: 'bob', item: 'Amélie', rating: 2.5 },
]
const [before = '', between = '', after = ''] = TEXT.split('Amélie')
/** アメリ in Shift_JIS. */
const KATAKANA = [0x83, 0x41, 0x83, 0x81, 0x83, 0x8a]
const encode = (text: string) => [...new TextEncoder().encode(text)]

const utf16 = [0xff, 0xfe, ...Array.from(TEXT).flatMap((char) => [char.charCodeAt(0) & 0xff, char.charCodeAt(0) >> 8])]
const shiftJIS = [before, between, after].flatMap((text, index) => [...(index > 0 ? KATAKANA : []), ...encode(text)])

/** Files by name: their bytes, the options to read them with, the item and the codes of the notes. */
const FILES: readonly [name: string, bytes: readonly number[], options: object, item: string, notes: string[]][] = [
  ['latin1.csv', Array.from(TEXT, (char) => char.charCodeAt(0)), {}, 'Amélie', ['data/windows-1252']],
  ['utf16.csv', utf16, {}, 'Amélie', []],
  ['shift-jis.csv', shiftJIS, { encoding: 'shift_jis' }, 'アメリ', []],
  ['ratings.zip', [...zipOf({ 'ratings.csv': TEXT })], {}, 'Amélie', []],
  ['ratings.json', encode(JSON.stringify(JSON_ROWS, null, 2)), {}, 'Amélie', []],
]

test.each([true, false])('reads encodings, zip and JSON from a Blob and a File (isolated: %s)', (isolated) =>
  withPage({ isolated }, async (page) => {
    for (const [name, bytes, options, item, notes] of FILES) {
      const read = await page.evaluate(
        async ({ name, bytes, options }) => {
          const { Dataset } = window.tastespace
          const parts = [new Uint8Array(bytes)]
          const results = []
          for (const source of [new Blob(parts), new File(parts, name)]) {
            const data = await Dataset.fromFile(source, options)
            const [info, users, items] = [await data.info(), await data.userIds(), await data.itemIds()]
            const ratings = info.ratings?.range
            results.push({ build: data.engine.build, users, items, ratings, notes: info.notes.map(({ code }) => code) })
            data.dispose()
          }
          return results
        },
        { name, bytes: [...bytes], options },
      )
      const expected = { build: isolated ? 'mt' : 'st', users: ['ann', 'bob'], items: [item], ratings: [2.5, 4], notes }
      expect(read, name).toEqual([expected, expected])
    }
  }),
)

test('an error names the file, or data where it has no name', () =>
  withPage({}, async (page) => {
    const messages = await page.evaluate(async () => {
      const parts = ['user,item,rating\nann,a,4\nbob,b,good\n']
      const message = (error: Error) => error.message
      const { Dataset } = window.tastespace
      return Promise.all(
        [new File(parts, 'mine.csv'), new Blob(parts)].map((source) => Dataset.fromFile(source).catch(message)),
      )
    })
    expect(messages[0]).toMatch(/^mine\.csv, line 3, column "rating": "good" is not a rating/)
    expect(messages[1]).toMatch(/^data, line 3, column "rating": "good" is not a rating/)
  }))
