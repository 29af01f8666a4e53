import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, expect } from 'vitest'
import { launch } from '../../scripts/lib/chromium.mjs'
import { serve } from '../../scripts/lib/server.mjs'
import type { state } from '../../ts/studio/state.ts'
import { run, temporaryFolder } from '../cli/support.ts'

declare global {
  interface Window {
    readonly studio: typeof state
  }
}

export interface Visit {
  /** Whether the host sends the headers that threads need. Default true. */
  readonly isolated?: boolean
  /** The fragment of the address. */
  readonly fragment?: string
  readonly width?: number
  readonly colorScheme?: 'light' | 'dark'
}

export interface Visitor {
  readonly page: Page
  readonly context: BrowserContext
  readonly origin: string
  /** Paths and sizes of all that was fetched. */
  readonly fetched: Map<string, number>
}

/** Writes the studio into a folder, as for a static host, and opens it in profiles of one browser. */
export function useStudio(): (visit: Visit, use: (visitor: Visitor) => Promise<void>) => Promise<void> {
  const folder = temporaryFolder()
  let browser: Browser
  beforeAll(async () => {
    const { code, stderr } = await run(folder, 'studio', '--out', 'site')
    expect(code, stderr).toBe(0)
    browser = await launch()
  })
  afterAll(() => browser?.close())
  return async ({ isolated = true, fragment = '', width = 1280, colorScheme = 'light' }, use) => {
    const site = await serve(pathToFileURL(`${folder}/site/`), { isolated })
    const context = await browser.newContext({
      viewport: { width, height: 850 },
      colorScheme,
      acceptDownloads: true,
      // What the service worker keeps must not hide what the page asks for.
      serviceWorkers: isolated ? 'block' : 'allow',
    })
    const page = await context.newPage()
    const faults: string[] = []
    const fetched = new Map<string, number>()
    // The page asks before it drops models.
    page.on('dialog', (dialog) => dialog.accept())
    page.on('pageerror', ({ message }) => faults.push(message))
    page.on('response', async (response) => {
      const url = new URL(response.url())
      if (url.protocol !== 'http:') return
      if (url.origin !== site.origin) faults.push(`asked for ${url}`)
      const body = await response.body().catch(() => undefined)
      fetched.set(url.pathname, body?.byteLength ?? 0)
    })
    try {
      await page.goto(`${site.origin}/${fragment}`)
      await use({ page, context, origin: site.origin, fetched })
      expect(faults).toEqual([])
    } finally {
      await context.close()
      await site.close()
    }
  }
}

/** Waits until the data is there. */
export async function withData(page: Page): Promise<void> {
  await page.waitForFunction(() => window.studio?.data.value !== undefined, null, { timeout: 30_000 })
}

/** Opens a part by its name. */
export function part(page: Page, name: string): Promise<void> {
  return page
    .locator('nav')
    .getByRole('button', { name: new RegExp(`^\\d ${name}$`) })
    .click()
}

/** Trains a model as a person does, and waits for its figures. */
export async function train(page: Page, kind: string, epochs?: number): Promise<void> {
  await part(page, 'Train')
  await page.locator(`input[name="kind"][value="${kind}"]`).check({ force: true })
  if (epochs !== undefined) {
    const field = page.getByLabel('epochs', { exact: true })
    await field.fill(String(epochs))
    await field.blur()
  }
  const before = await page.evaluate(() => window.studio.runs.value.length)
  await page.getByRole('button', { name: `Train ${kind}`, exact: true }).click()
  await page.waitForFunction((count) => window.studio.runs.value.length > count, before)
  await settled(page)
}

/** Waits until every model in the queue is measured; none may have failed. */
export async function settled(page: Page): Promise<void> {
  const ended = () => window.studio.runs.value.every(({ phase }) => phase === 'done' || phase === 'failed')
  await page.waitForFunction(ended, null, { timeout: 120_000 })
  const failed = await page.evaluate(() => window.studio.runs.value.flatMap(({ error }) => error?.message ?? []))
  expect(failed).toEqual([])
}

/** The barriers that axe-core calls serious or worse. */
export async function barriers(page: Page): Promise<unknown[]> {
  await page.addScriptTag({ path: createRequire(import.meta.url).resolve('axe-core/axe.min.js') })
  const found = await page.evaluate(async () => {
    const { violations } = await (window as unknown as { axe: { run(): Promise<AxeResult> } }).axe.run()
    return violations.map(({ id, impact, nodes }) => ({
      id,
      impact,
      html: nodes.map(({ html, failureSummary }) => `${html.slice(0, 160)} ${failureSummary}`),
    }))
  })
  return found.filter(({ impact }) => impact === 'serious' || impact === 'critical')
}

interface AxeResult {
  readonly violations: readonly {
    readonly id: string
    readonly impact: string
    readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[]
  }[]
}
