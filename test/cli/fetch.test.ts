import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { publications } from 'tastespace'
import { expect, test } from 'vitest'
import { zipOf } from '../data/zip.ts'
import { put, run, temporaryFolder } from './support.ts'

const folder = temporaryFolder()

test('without a name it lists what there is', async () => {
  const { code, stdout, stderr } = await run(folder, 'data', 'fetch')
  expect(code, stderr).toBe(0)
  for (const name of ['ml-100k', 'ml-32m', 'book-crossing', 'amazon-2023/CATEGORY', 'Toys_and_Games']) {
    expect(stdout).toContain(name)
  }
  const json = await run(folder, 'data', 'fetch', '--json')
  expect(JSON.parse(json.stdout)).toEqual({ publications })
})

test('an unknown name is misuse', async () => {
  const { code, stderr } = await run(folder, 'data', 'fetch', 'ml-2m')
  expect(code).toBe(2)
  expect(stderr).toContain('ml-20m')
  const category = await run(folder, 'data', 'fetch', 'amazon-2023/Cars')
  expect(category.code).toBe(2)
  expect(category.stderr).toContain('amazon-2023/Automotive')
})

test('a download in the cache is unpacked, after its licence is shown, and the command to train follows', async () => {
  // The cache is filled here, so that no network is needed.
  mkdirSync(join(folder, 'cache/ml-100k'), { recursive: true })
  const ratings = Array.from({ length: 300 }, (_, row) => `${row % 20}\t${row % 31}\t${(row % 5) + 1}\t${row}\n`).join(
    '',
  )
  const items = Array.from({ length: 31 }, (_, item) => `${item}|Film ${item} (1995)|01-Jan-1995\n`).join('')
  put(join(folder, 'cache/ml-100k'), 'ml-100k.zip', zipOf({ 'ml-100k/u.data': ratings, 'ml-100k/u.item': items }))
  const words = ['data', 'fetch', 'ml-100k', '--cache', 'cache', '--dir', 'my data']
  const { code, stdout, stderr } = await run(folder, ...words)
  expect(code, stderr).toBe(0)
  expect(stderr).toContain('Licence: For research')
  expect(stderr).toContain('https://doi.org/10.1145/2827872')
  expect(stdout).toContain("tastespace train 'my data/ml-100k/u.data' --items 'my data/ml-100k/u.item'")
  expect(existsSync(join(folder, 'my data/ml-100k/u.item'))).toBe(true)
  const again = await run(folder, ...words, '--json')
  expect(JSON.parse(again.stdout)).toMatchObject({
    from: 'folder',
    ratings: 'my data/ml-100k/u.data',
    publication: { licence: publications['ml-100k']?.licence },
  })
  const info = await run(
    folder,
    'data',
    'info',
    'my data/ml-100k/u.data',
    '--items',
    'my data/ml-100k/u.item',
    '--json',
  )
  expect(JSON.parse(info.stdout), info.stderr).toMatchObject({ users: 20, items: 31 })
})
