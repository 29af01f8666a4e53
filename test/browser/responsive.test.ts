import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { withPage } from './support.ts'

/** A task of the main thread is long from this many milliseconds: a user who types or scrolls notices it. */
const LONG = 50

declare global {
  interface Window {
    file: File
  }
}

/** An event of Chromium's trace: the name of a thread, or a task that it ran. */
interface TraceEvent {
  readonly name: string
  readonly pid: number
  readonly tid: number
  /** Microseconds. */
  readonly dur?: number
  readonly args: { readonly name?: string }
}

/** The longest task of the page's main thread during `work`, in milliseconds. */
async function longestTask(page: Page, work: () => Promise<void>): Promise<number> {
  const browser = page.context().browser()
  if (!browser) throw new Error('a page has a browser')
  await browser.startTracing(page, { categories: ['toplevel', '__metadata'] })
  await page.evaluate(work)
  const { traceEvents }: { traceEvents: TraceEvent[] } = JSON.parse(String(await browser.stopTracing()))
  const thread = ({ pid, tid }: TraceEvent) => `${pid} ${tid}`
  const main = new Set(traceEvents.filter(({ args }) => args.name === 'CrRendererMain').map(thread))
  const tasks = traceEvents.filter((event) => event.name.endsWith('RunTask') && main.has(thread(event)))
  return Math.max(...tasks.map(({ dur = 0 }) => dur / 1000))
}

/** Puts a file of ratings into the page. */
async function makeFile(): Promise<void> {
  const generated = await window.tastespace.Dataset.synthetic({ users: 20_000, items: 3_000, ratings: 500_000 })
  const parts: Uint8Array<ArrayBuffer>[] = []
  for await (const part of generated.toCSV()) parts.push(new Uint8Array(part))
  window.file = new File(parts, 'ratings.csv')
}

/** Reads the file, trains and recommends, at a size that keeps the engine busy for a second. */
async function readTrainAsk(): Promise<void> {
  const { BiasedMF, createEngine, Dataset } = window.tastespace
  const engine = await createEngine()
  const data = await Dataset.fromFile(window.file, { engine })
  const { train, test } = await data.split({ by: 'random', test: 0.1 })
  const model = await BiasedMF.create({ factors: 64 }, { engine })
  await model.fit(train, { epochs: 10, onEpoch: async () => void (await model.recommend(['1'])) })
  if (test) await model.evaluate(test)
  await model.toBytes()
  engine.dispose()
}

test('longestTask measures a blocked page', () =>
  withPage({}, async (page) => {
    const longest = await longestTask(page, async () => {
      const until = performance.now() + 80
      while (performance.now() < until);
    })
    expect(longest).toBeGreaterThanOrEqual(80)
  }))

test.each([true, false])('a page stays responsive while it reads, trains and recommends (isolated: %s)', (isolated) =>
  withPage({ isolated }, async (page) => {
    await page.evaluate(makeFile)
    const longest: number[] = []
    for (let round = 0; round < 3; round++) longest.push(await longestTask(page, readTrainAsk))
    // The median: if every core computes, a task may occasionally have to wait for one.
    const [, median] = longest.sort((a, b) => a - b)
    expect(median).toBeGreaterThan(0)
    expect(median).toBeLessThan(LONG)
  }),
)
