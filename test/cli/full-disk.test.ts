import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { put, run, shell, shellWords, temporaryFolder } from './support.ts'

const folder = temporaryFolder()
const disk = join(folder, 'disk')
mkdirSync(disk)

// A disk of 64 KiB. Mounting it needs root and is not possible everywhere.
const mounted = (await shell(folder, 'mount -t tmpfs -o size=64k tmpfs disk')).code === 0
if (!mounted) console.warn('skipped: a small disk to fill cannot be mounted here')
afterAll(async () => {
  if (mounted) await shell(folder, 'umount disk')
})

test.skipIf(!mounted)('reports a full disk and keeps the old file', async () => {
  put(folder, 'ratings.csv', 'user,item,rating\na,x,1\na,y,4\n')
  put(folder, 'disk/model.st', 'the old one')
  const large = Array.from({ length: 20_000 }, (_, row) => `${row},${row % 99},${1 + (row % 5)}`)
  put(folder, 'large.csv', `user,item,rating\n${large.join('\n')}\n`)
  for (const words of [
    ['train', 'large.csv', '--model', 'bias', '--epochs', '1', '--out', 'disk/model.st'],
    ['data', 'make', '--out', 'disk/model.st'],
  ]) {
    const { code, stdout, stderr } = await run(folder, ...words, '--quiet')
    expect({ code, stdout, stderr }).toEqual({
      code: 1,
      stdout: '',
      stderr: 'tastespace: disk/model.st cannot be written: the disk is full\n',
    })
    expect(readdirSync(disk)).toEqual(['model.st'])
    expect(readFileSync(join(disk, 'model.st'), 'utf8')).toBe('the old one')
  }
})

test('reports a full device', async () => {
  const line = `${shellWords('data', 'make', '--out', '/dev/fd/3', '--quiet')} 3> /dev/full`
  const { code, stderr } = await shell(folder, line)
  expect({ code, stderr }).toEqual({ code: 1, stderr: 'tastespace: /dev/fd/3 cannot be written: the disk is full\n' })
})

test('reports a limit on file sizes and leaves no file behind', async () => {
  mkdirSync(join(folder, 'limited'))
  const line = `ulimit -f 64; ${shellWords('data', 'make', '--out', 'limited/ratings.csv', '--quiet', '--json')}`
  const { code, stdout, stderr } = await shell(folder, line)
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  expect(JSON.parse(stderr)).toMatchObject({ error: { code: 'file/too-large' } })
  expect(readdirSync(join(folder, 'limited'))).toEqual([])
})
