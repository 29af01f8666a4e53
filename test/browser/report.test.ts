import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Page } from 'playwright-core'
import { beforeAll, expect, test } from 'vitest'
import { run, temporaryFolder } from '../cli/support.ts'
import { useChromium } from './chromium.ts'

const folder = temporaryFolder()
const openPage = useChromium()
const PAGES = ['compare.html', 'train.html', 'tune.html']
/** Width of a phone in pixels. */
const PHONE = 390

beforeAll(async () => {
  const sizes = ['--users', '120', '--items', '60', '--ratings', '3000']
  await run(folder, 'data', 'make', '--out', 'ratings.csv', '--items-out', 'items.csv', ...sizes)
  const given = ['ratings.csv', '--items', 'items.csv']
  const models = ['--models', 'pop,ease,cml,bias', '--epochs', '3', '--report', 'compare.html']
  const compared = await run(folder, 'compare', ...given, ...models)
  expect(compared.code, compared.stderr).toBe(0)
  const words = ['--model', 'cml', '--split', 'leave-one-out', '--patience', '2', '--out', 'cml.safetensors']
  const trained = await run(folder, 'train', ...given, ...words, '--report', 'train.html')
  expect(trained.code, trained.stderr).toBe(0)
  // Options without effect beside others, choices and logarithms.
  const search = ['--model', 'lrml', '--trials', '6', '--epochs', '3', '--report', 'tune.html']
  const tuned = await run(folder, 'tune', 'ratings.csv', ...search)
  expect(tuned.code, tuned.stderr).toBe(0)
})

/** Opens a report, and fails if its program does or if it asks for anything but itself. */
async function withReport(
  name: string,
  look: { width: number; colorScheme?: 'light' | 'dark' },
  use: (page: Page) => Promise<void>,
): Promise<void> {
  const page = await openPage()
  const faults: string[] = []
  const url = pathToFileURL(join(folder, name)).href
  page.on('pageerror', ({ message }) => faults.push(message))
  page.on('request', (request) => {
    if (request.url() !== url && !/^(data|blob):/.test(request.url())) faults.push(request.url())
  })
  try {
    await page.emulateMedia({ colorScheme: look.colorScheme ?? 'light' })
    await page.setViewportSize({ width: look.width, height: 800 })
    await page.goto(url)
    await page.waitForSelector('[data-plot] svg[role="img"]')
    await use(page)
    expect(faults).toEqual([])
  } finally {
    await page.close()
  }
}

/** The models of the first table, in order. */
function order(page: Page): Promise<string[]> {
  return page
    .locator('.table >> nth=0')
    .locator('tbody th')
    .evaluateAll((heads) => heads.map((head) => head.getAttribute('data-value') ?? ''))
}

/** The content of the file that a button saves. */
async function saved(page: Page, button: string): Promise<{ name: string; content: Buffer }> {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: button }).first().click(),
  ])
  return { name: download.suggestedFilename(), content: readFileSync(await download.path()) }
}

test.each(PAGES)('%s fits a phone, all metrics shown, and draws every picture', async (name) => {
  await withReport(name, { width: PHONE }, async (page) => {
    for (const chooser of await page.locator('details.chooser').all()) {
      await chooser.locator('summary').click()
      await chooser.getByRole('button', { name: 'all or usual' }).click()
    }
    const wide = await page.evaluate(() => {
      const frames = [document.documentElement, ...document.querySelectorAll('.table, figure, .user, pre')]
      return frames
        .filter((frame) => frame.scrollWidth > frame.clientWidth + 1)
        .map((frame) => frame.outerHTML.slice(0, 80))
    })
    expect(wide).toEqual([])
    const empty = await page
      .locator('[data-plot]')
      .evaluateAll((places) => places.filter((place) => !place.querySelector('svg')).map((place) => place.outerHTML))
    expect(empty).toEqual([])
  })
})

test('a table is sorted by any column, with the keyboard too', async () => {
  await withReport('compare.html', { width: 1280 }, async (page) => {
    const head = page.locator('.table >> nth=0').locator('thead th')
    expect(await head.nth(1).getAttribute('aria-sort')).toBe('descending')
    const first = await order(page)
    await head.nth(1).getByRole('button').focus()
    await page.keyboard.press('Enter')
    expect(await head.nth(1).getAttribute('aria-sort')).toBe('ascending')
    expect(await order(page)).toEqual(first.toReversed())
    await head.nth(0).getByRole('button').click()
    expect(await order(page)).toEqual(['bias', 'cml', 'ease', 'pop'])
    expect(
      await head.evaluateAll((all) =>
        all.map((one) => one.getAttribute('aria-sort')).filter((sort) => sort !== 'none'),
      ),
    ).toEqual(['ascending'])
  })
})

test('a model has one colour in all pictures and tables', async () => {
  await withReport('compare.html', { width: 1280 }, async (page) => {
    const colours = await page
      .locator('.dot')
      .evaluateAll((dots) =>
        dots.map((dot) =>
          [
            dot.parentElement?.firstChild?.nextSibling?.textContent?.trim(),
            getComputedStyle(dot).backgroundColor,
          ].join(),
        ),
      )
    expect(new Set(colours).size).toBe(4)
    expect(colours.length).toBeGreaterThan(12)
  })
})

test('pictures are saved as SVG and PNG, tables as CSV', async () => {
  await withReport('compare.html', { width: 1280, colorScheme: 'dark' }, async (page) => {
    const svg = await saved(page, 'Save as SVG: The item embeddings of')
    expect(svg.name).toBe('ratings.csv-map.svg')
    const text = svg.content.toString()
    expect(text).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg"/)
    expect(text).not.toContain('var(--panel)')
    const wellFormed = (svg: string) =>
      new DOMParser().parseFromString(svg, 'image/svg+xml').querySelector('parsererror')
    expect(await page.evaluate(wellFormed, text)).toBe(null)
    const png = await saved(page, 'Save as PNG: ndcg@10')
    expect(png.content.subarray(1, 4).toString()).toBe('PNG')
    expect(png.content.length).toBeGreaterThan(3000)
    const csv = await saved(page, 'Save as CSV: All ranking metrics')
    const [head = '', ...lines] = csv.content.toString().trimEnd().split('\n')
    expect(head).toMatch(/^model,ndcg@10,ndcg@10 low,ndcg@10 high,ndcg@10 p,hr@10/)
    expect(lines).toHaveLength(4)
    const lists = await saved(page, 'Save as CSV: recommendations')
    const ofModel = (name: string) => lists.content.toString().match(new RegExp(`^[^,]+,${name},`, 'gm'))
    expect(['pop', 'ease', 'cml', 'bias'].map((name) => ofModel(name)?.length)).toEqual([30, 30, 30, 30])
  })
})

test('the command line is copied', async () => {
  await withReport('compare.html', { width: 1280 }, async (page) => {
    await page
      .context()
      .grantPermissions(['clipboard-read', 'clipboard-write'])
      .catch(() => {})
    await page.getByRole('button', { name: 'Copy' }).click()
    await page.getByRole('button', { name: /^(Copied|Select and copy)$/ }).waitFor()
    expect(await page.locator('#command').textContent()).toBe(
      'npx tastespace compare ratings.csv --items items.csv --models pop,ease,cml,bias --epochs 3 --report compare.html',
    )
  })
})

test.each([
  ['compare.html', 'light', 1280],
  ['compare.html', 'dark', PHONE],
  ['train.html', 'dark', 1280],
  ['train.html', 'light', PHONE],
] as const)('%s has no serious barrier, %s at %d pixels', async (name, colorScheme, width) => {
  await withReport(name, { width, colorScheme }, async (page) => {
    await page.addScriptTag({ path: createRequire(import.meta.url).resolve('axe-core/axe.min.js') })
    const found = await page.evaluate(async () => {
      const { violations } = await (window as unknown as { axe: { run(): Promise<AxeResult> } }).axe.run()
      return violations.map(({ id, impact, nodes }) => ({ id, impact, html: nodes[0]?.html.slice(0, 160) }))
    })
    expect(found.filter(({ impact }) => impact === 'serious' || impact === 'critical')).toEqual([])
  })
})

/** What axe-core finds. */
interface AxeResult {
  readonly violations: readonly {
    readonly id: string
    readonly impact: string
    readonly nodes: readonly { readonly html: string }[]
  }[]
}
