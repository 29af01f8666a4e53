import { describe as describeModels } from 'tastespace'
import { describe, expect, test } from 'vitest'
import { put, run, temporaryFolder } from './support.ts'

const folder = temporaryFolder()
const { models } = await describeModels()

/** Lines that do not fit into 80 columns. */
function tooWide(text: string): string[] {
  return text.split('\n').filter((line) => [...line].length > 80)
}

describe('output fits into 80 columns', () => {
  test.each([
    [],
    ['train'],
    ['compare'],
    ['tune'],
    ['evaluate'],
    ['recommend'],
    ['similar'],
    ['explain'],
    ['slots'],
    ['serve'],
    ['data'],
    ['data', 'info'],
    ['data', 'convert'],
    ['data', 'make'],
    ['doctor'],
    ...models.map(({ kind }) => ['train', '--model', kind]),
  ])('the help of %s %s %s', async (...words) => {
    const { code, stdout } = await run(folder, ...words.filter((word) => word !== undefined), '--help')
    expect(code).toBe(0)
    expect(stdout).toMatch(words.includes('--model') ? /^\S+ (predicts ratings|ranks items)/ : /^Usage: tastespace/)
    expect(tooWide(stdout)).toEqual([])
  })

  test('the results of commands', async () => {
    const rows = Array.from({ length: 900 }, (_, row) => `u${row % 60},i${(row * 7) % 41},${1 + (row % 5)},${row}`)
    put(folder, 'ratings.csv', `user,item,rating,time\n${rows.join('\n')}\n`)
    const model = ['--model', 'biased-mf', '--epochs', '2', '--out', 'm.st']
    for (const words of [
      ['data', 'info', 'ratings.csv'],
      ['train', 'ratings.csv', ...model, '--split', 'user:0.3'],
      ['train', 'ratings.csv', ...model, '--split', 'kfold:2'],
      ['evaluate', 'm.st', '--test', 'ratings.csv', '--intervals'],
      ['recommend', 'm.st', '--user', 'u1'],
      ['explain', 'm.st', '--user', 'u1', '--item', 'i2'],
      ['compare', 'ratings.csv', '--models', 'cml,ease,pop,attrec,biased-mf,bias', '--epochs', '2', '--negatives', '9'],
      ['doctor'],
    ]) {
      const { code, stdout } = await run(folder, ...words, '--quiet')
      expect(code).toBe(0)
      expect(tooWide(stdout), words.join(' ')).toEqual([])
    }
  })
})

test('the examples in the main help use the file names of the README', async () => {
  const { stdout } = await run(folder, '--help')
  expect(stdout).toContain('recommend model.safetensors --user')
  expect(stdout).not.toContain('model.st')
  expect((await run(folder, 'train', '--help')).stdout).not.toContain('; ;')
})

test('the help of train lists the kinds, and the help of a kind describes its options', async () => {
  const { stdout } = await run(folder, 'train', '--help')
  for (const { kind, summary } of models) expect(stdout.replaceAll(/\s+/g, ' ')).toContain(`${kind} ${summary}`)
  expect(stdout).toContain('--no-refit')
  expect(stdout).not.toContain('learningRateDecay')
  for (const words of [
    ['train', '--help', 'biased-mf'],
    ['compare', '--models', 'biased-mf,bias', '--help'],
  ]) {
    const help = (await run(folder, ...words)).stdout
    for (const { name, doc } of models.find(({ kind }) => kind === 'biased-mf')?.options ?? []) {
      expect(help).toContain(`  ${name}=`)
      expect(help.replaceAll(/\s+/g, ' ')).toContain(doc)
    }
  }
  const unknown = await run(folder, 'train', '--help', 'cnl')
  expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringContaining("unknown model kind 'cnl'")])
})
