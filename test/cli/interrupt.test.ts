import { join } from 'node:path'
import { loadModel } from 'tastespace'
import { beforeAll, expect, test } from 'vitest'
import { ended, type Run, run, start, strangers, temporaryFolder } from './support.ts'

const folder = temporaryFolder()

beforeAll(async () => {
  const sizes = ['--users', '500', '--items', '300', '--ratings', '20000']
  expect((await run(folder, 'data', 'make', '--out', 'ratings.csv', ...sizes)).code).toBe(0)
})

/** Starts a long training, waits until it is running, and sends signals to it. */
async function interrupted(words: readonly string[], ...signals: NodeJS.Signals[]): Promise<Run> {
  const train = ['train', 'ratings.csv', '--model', 'biased-mf', '--split', 'random:0.1', '--json']
  const child = start(folder, [...train, ...words])
  const end = ended(child)
  await new Promise<void>((resolve) => {
    child.stderr?.on('data', (text: string) => {
      if (text.includes('Training biased-mf')) resolve()
    })
    child.on('close', () => resolve())
  })
  await new Promise((resolve) => setTimeout(resolve, 700))
  for (const signal of signals) child.kill(signal)
  return end
}

test('Ctrl-C stops training and keeps the best model so far', async () => {
  const words = ['--out', 'kept.st', '--set', 'factors=2048', '--patience', '200']
  const { code, stdout, stderr } = await interrupted(words, 'SIGINT')
  expect(code).toBe(0)
  const report = JSON.parse(stdout)
  expect(report).toMatchObject({ stopped: 'aborted', protocol: { refit: false } })
  expect(report.metrics.rmse).toBeGreaterThan(0)
  expect(stderr).toMatch(new RegExp(`stopped at epoch \\d+; kept epoch ${report.epochs}\\n`))
  const model = await loadModel(join(folder, 'kept.st'))
  expect(await model.info()).toMatchObject({ training: { epochs: report.epochs } })
})

// A terminal that is closed sends SIGHUP, a system that shuts down SIGTERM: neither is the user's wish to see what is there.
test.each([
  ['SIGINT', 0],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const)('with --epochs, %s keeps the last completed epoch, and the exit code is %i', async (signal, expected) => {
  const { code, stdout } = await interrupted(['--out', 'last.st', '--epochs', '1000000'], signal)
  expect(code).toBe(expected)
  const { stopped, epochs } = JSON.parse(stdout)
  expect(stopped).toBe('aborted')
  expect(await (await loadModel(join(folder, 'last.st'))).info()).toMatchObject({ training: { epochs } })
})

test('Ctrl-C before the end of the first epoch reports that nothing was written', async () => {
  // One epoch takes seconds with these options and ratings.
  const words = ['--out', 'none.st', '--set', 'factors=4096', '--epochs', '1000', '--threads', '1']
  const sizes = ['--users', '500', '--items', '4000', '--ratings', '2000000']
  await run(folder, 'data', 'make', '--out', 'ratings.csv', ...sizes)
  const { code, stdout, stderr } = await interrupted(words, 'SIGINT')
  expect({ code, stdout }).toEqual({ code: 130, stdout: '' })
  const { error } = JSON.parse(stderr.trimEnd().split('\n').at(-1) ?? '')
  expect(error).toMatchObject({ code: 'cancelled', message: expect.stringContaining('nothing was written') })
})

test('a second interrupt ends the program immediately', async () => {
  const words = ['--out', 'none.st', '--epochs', '1000000']
  const { code, stdout, stderr } = await interrupted(words, 'SIGHUP', 'SIGINT')
  expect({ code, stdout }).toEqual({ code: 130, stdout: '' })
  const error = { code: 'cancelled', message: 'interrupted: no model was written', details: {} }
  expect(JSON.parse(stderr.trimEnd().split('\n').at(-1) ?? '')).toEqual({ error })
})

test('Ctrl-C before training ends the program', async () => {
  const child = start(folder, ['train', '-', '--model', 'bias', '--out', 'none.st'])
  const end = ended(child)
  // More than a pipe holds: it is taken when the program reads.
  const rows = `user,item,rating\n${'1,2,3\n'.repeat(100_000)}`
  await new Promise((resolve) => child.stdin?.write(rows, resolve))
  child.kill('SIGINT')
  const { code, stdout, stderr } = await end
  expect({ code, stdout }).toEqual({ code: 130, stdout: '' })
  expect(stderr).toMatch(/(^|\n)tastespace: interrupted(: no model was written)?\n$/)
})

test.each([
  ['SIGINT', 0],
  ['SIGTERM', 143],
] as const)('%s while a model is evaluated keeps the model', async (signal, expected) => {
  const sizes = ['--users', '20000', '--items', '4000', '--ratings', '600000']
  expect((await run(folder, 'data', 'make', '--out', 'many.csv', ...sizes)).code).toBe(0)
  const words = ['train', 'many.csv', '--model', 'pop', '--split', 'random:0.5', '--negatives', '3000', '--json']
  const child = start(folder, [...words, '--out', 'unmeasured.st'])
  const end = ended(child)
  let at = Number.POSITIVE_INFINITY
  child.stderr?.on('data', (text: string) => {
    if (!text.includes('Trained in one step')) return
    // The evaluation takes many seconds.
    setTimeout(() => {
      at = performance.now()
      child.kill(signal)
    }, 1000)
  })
  const { code, stdout, stderr } = await end
  expect(code, stderr).toBe(expected)
  // Far below the time of the evaluation, and enough for a busy machine.
  expect(performance.now() - at).toBeLessThan(2000)
  expect(stderr).toContain('interrupted: unmeasured.st was written, without its metrics')
  expect(JSON.parse(stdout)).toMatchObject({ metrics: {}, epochs: 1 })
  expect(await (await loadModel(join(folder, 'unmeasured.st'))).info()).toMatchObject({ fitted: true })
})

test('leaves no partly written files', () => {
  expect(strangers(folder, 'ratings.csv', 'many.csv', 'kept.st', 'last.st', 'unmeasured.st')).toEqual([])
})
