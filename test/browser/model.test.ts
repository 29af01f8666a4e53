import { describe, expect, test } from 'vitest'
import { withPage } from './support.ts'

describe.each([{ isolated: true }, { isolated: false }])('in a page (isolated: $isolated)', ({ isolated }) => {
  test('a model trains on a file, recommends, finds similar items, and is loaded from its bytes', () =>
    withPage({ isolated }, async (page) => {
      const told = await page.evaluate(async () => {
        const { BiasedMF, Dataset, loadModel } = window.tastespace
        const rows = Array.from({ length: 400 }, (_, n) => `u${n % 20},i${(n * 7) % 31},${1 + ((n * n) % 5)}`)
        const file = new File([['user,item,rating', ...rows].join('\n')], 'ratings.csv')
        const { train, test } = await (await Dataset.fromFile(file)).split({ by: 'random', test: 0.2 })
        if (!test) throw new Error('asked for')
        const model = await BiasedMF.create({ factors: 8 })
        const { epochs } = await model.fit(train, { epochs: 3 })
        const bytes = await model.toBytes()
        const loaded = await loadModel(new File([new Uint8Array(bytes)], 'model.safetensors'))
        if (loaded.kind !== 'biased-mf') throw new Error('it is of another kind')
        const answers = async (from: typeof model) => ({
          recommended: await from.recommend(['u1', 'u2'], { k: 3 }),
          similar: await from.similarItems('i1', { k: 3 }),
          rows: (await from.evaluate(test)).rows,
        })
        return { epochs, first: await answers(model), second: await answers(loaded) }
      })
      expect(told.epochs).toBe(3)
      expect(told.first.recommended.map((list) => list.length)).toEqual([3, 3])
      expect(told.first.similar).toHaveLength(3)
      expect(told.first.rows).toBeGreaterThan(0)
      expect(told.second).toEqual(told.first)
    }))

  test('rejects file paths and names the alternative', () =>
    withPage({ isolated }, async (page) => {
      const errors = await page.evaluate(async () => {
        const { Bias, Dataset, loadModel } = window.tastespace
        const model = await Bias.create()
        await model.fit(await Dataset.synthetic({ users: 10, items: 10, ratings: 30 }), { epochs: 1 })
        const attempts = [model.save('model.safetensors'), loadModel('model.safetensors'), Dataset.fromFile('data.csv')]
        return (await Promise.allSettled(attempts)).map((one) => one.status === 'rejected' && one.reason.toJSON())
      })
      const none = { code: 'file/no-file-system', message: expect.stringContaining('toBytes()'), details: {} }
      expect(errors).toEqual([none, none, none])
    }))

  test('an abort between epochs keeps the best epoch so far', () =>
    withPage({ isolated }, async (page) => {
      const report = await page.evaluate(async () => {
        const { BiasedMF, Dataset } = window.tastespace
        const controller = new AbortController()
        const model = await BiasedMF.create()
        const data = await Dataset.synthetic({ users: 60, items: 40, ratings: 900 })
        return model.fit(data, {
          epochs: 1000,
          signal: controller.signal,
          onEpoch: ({ epoch }) => {
            if (epoch === 4) controller.abort()
          },
        })
      })
      expect(report).toMatchObject({ stopped: 'aborted', epochs: 4 })
    }))
})

test('in an isolated page a running epoch reports progress and can be aborted', () =>
  withPage({ isolated: true }, async (page) => {
    const outcome = await page.evaluate(async () => {
      const { BiasedMF, Dataset } = window.tastespace
      const data = await Dataset.synthetic({ users: 20_000, items: 2_000, ratings: 1_000_000 })
      const model = await BiasedMF.create({ factors: 512 })
      const controller = new AbortController()
      const fit = model.fit(data, { epochs: 1, signal: controller.signal })
      while (model.progress === 0) await new Promise((resolve) => setTimeout(resolve, 1))
      controller.abort(new Error('enough'))
      return fit.catch((error) => error.message)
    })
    expect(outcome).toBe('enough')
  }))

test('without shared memory an abort takes effect at the end of the epoch, which is kept', () =>
  withPage({ isolated: false }, async (page) => {
    const report = await page.evaluate(async () => {
      const { BiasedMF, Dataset } = window.tastespace
      const data = await Dataset.synthetic({ users: 20_000, items: 2_000, ratings: 500_000 })
      const model = await BiasedMF.create({ factors: 256 })
      const controller = new AbortController()
      return model.fit(data, {
        epochs: 1000,
        signal: controller.signal,
        onEpoch: ({ epoch }) => {
          // A moment later, during the second epoch.
          if (epoch === 1) setTimeout(() => controller.abort(), 1)
        },
      })
    })
    expect(report).toMatchObject({ stopped: 'aborted', epochs: 2 })
  }))
