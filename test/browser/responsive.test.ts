import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { withPage } from './support.ts'

/** Milliseconds from which a task of the page's own thread is called long: who types or scrolls then notices. */
const LONG = 50

declare global {
  interface Window {
    file: File
  }
}

/** What Chromium's trace says of a thread: its name, or a task that it ran. */
interface TraceEvent {
  readonly name: string
  readonly pid: number
  readonly tid: number
  /** Microseconds. */
  readonly dur?: number
  readonly args: { readonly name?: string }
}

/** The longest task that `work` brings to the page's own thread, in milliseconds. */
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

/** From the file to recommendations, at a size that keeps the engine busy for a second. */
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

test('the measure sees a page that is blocked', () =>
  withPage({}, async (page) => {
    const longest = await longestTask(page, async () => {
      const until = performance.now() + 80
      while (performance.now() < until);
    })
    expect(longest).toBeGreaterThanOrEqual(80)
  }))

test.each([true, false])('a page stays responsive while it reads, trains and asks (isolated: %s)', (isolated) =>
  withPage({ isolated }, async (page) => {
    await page.evaluate(makeFile)
    const longest: number[] = []
    for (let round = 0; round < 3; round++) longest.push(await longestTask(page, readTrainAsk))
    // The middle one: where every core computes, a task may for once have been left waiting for one.
    const [, median] = longest.sort((a, b) => a - b)
    expect(median).toBeGreaterThan(0)
    expect(median).toBeLessThan(LONG)
  }),
)
