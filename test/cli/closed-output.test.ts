import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { put, run, shell, shellWords, temporaryFolder } from './support.ts'

const folder = temporaryFolder()
put(
  folder,
  'ratings.csv',
  Array.from({ length: 400 }, (_, row) => `u${row % 20},i${(row * 7) % 31},${1 + (row % 5)}`).join('\n'),
)
const train = (out: string) => ['train', 'ratings.csv', '--model', 'biased-mf', '--epochs', '60', '--out', out]

test.each([
  ['the reader of both streams stops early', '2>&1 | head -1', 'pipe.st', 0],
  ['the reader of both streams exits immediately', '2>&1 | true', 'gone.st', 0],
  ['stderr goes to a full disk', '2> /dev/full', 'stderr.st', 0],
  ['both streams are closed', '>&- 2>&-', 'closed.st', 0],
  ['stdout goes to a full disk', '> /dev/full', 'stdout.st', 1],
])('writes the model even if %s', async (_, redirection, out, code) => {
  const result = await shell(folder, `set -o pipefail; ${shellWords(...train(out))} ${redirection}`)
  expect(existsSync(join(folder, out))).toBe(true)
  expect(result.code).toBe(code)
  if (code === 1) expect(result.stderr).toContain('the result cannot be written to standard output: the disk is full')
})

test('exits with code 0 when the reader of a list stops early', async () => {
  await run(folder, ...train('list.st'))
  const { code, stdout } = await shell(
    folder,
    `set -o pipefail; ${shellWords('recommend', 'list.st', '--user', 'u1', '--k', '20')} | head -1`,
  )
  expect(code).toBe(0)
  expect(stdout.split('\n')).toHaveLength(2)
})
