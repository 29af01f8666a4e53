import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { withPage } from './support.ts'

/** Reads a file of the fixtures in a page; returns its number of rows and the first user, or the error. */
function read(page: Page, name: string): Promise<unknown> {
  return page.evaluate(async (name) => {
    const blob = await (await fetch(`/test/fixtures/tables/${name}`)).blob()
    const columns = { user: 'text', item: 'item', rating: 'decimal', time: 'at_us' }
    return window.tastespace.Dataset.fromFile(blob, { columns }).then(
      async (data) => [(await data.info()).rows, (await data.userIds())[3]],
      (error) => error.toJSON(),
    )
  }, name)
}

test.each(['typed.parquet', 'typed-zstd.parquet'])('reads %s where the packages are found', (name) =>
  withPage({ page: 'packages' }, async (page) => {
    expect(await read(page, name)).toEqual([10, 'x'])
  }),
)

test.each([
  ['typed.parquet', ['hyparquet', 'hyparquet-compressors']],
  ['typed.arrow', ['apache-arrow']],
])('without its packages %s is refused with what to install', (name, packages) =>
  withPage({}, async (page) => {
    expect(await read(page, name)).toMatchObject({ code: 'package/missing', details: { packages } })
  }),
)

test('queries and downloads are refused', () =>
  withPage({}, async (page) => {
    const codes = await page.evaluate(async () => {
      const { Dataset, fetchData } = window.tastespace
      const code = (error: { code: string }) => error.code
      return [await Dataset.fromSQL('select 1').catch(code), await fetchData('ml-100k').catch(code)]
    })
    expect(codes).toEqual(['sql/no-database', 'file/no-file-system'])
  }))
