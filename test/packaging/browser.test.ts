import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { pathToFileURL } from 'node:url'
import { CML, Dataset } from 'tastespace'
import { describe, expect, test } from 'vitest'
import { type ServeOptions, serve } from '../../scripts/lib/server.mjs'
import { useChromium } from '../browser/chromium.ts'
import { install, MINUTES, pack, recommended, runIn } from './support.ts'

declare global {
  interface Window {
    /** The result of a project's page. */
    told: unknown
  }
}

const tarball = await pack()
const expected = await recommended()
const openPage = useChromium()

/** The result of the page at an address. */
async function toldAt(address: string): Promise<unknown> {
  const page = await openPage()
  try {
    const failed = new Promise<never>((_, reject) => page.on('pageerror', reject))
    const told = page
      .goto(address)
      .then(() => page.waitForFunction(() => 'told' in window))
      .then(() => page.evaluate(() => window.told))
    return await Promise.race([told, failed])
  } finally {
    await page.close()
  }
}

/** The result of the page in a folder. */
async function toldFrom(folder: string, options: ServeOptions, query = ''): Promise<unknown> {
  const site = await serve(pathToFileURL(join(folder, '/')), options)
  try {
    return await toldAt(`${site.origin}/${query}`)
  } finally {
    await site.close()
  }
}

const BUILDS = [
  { isolated: true, build: 'mt' },
  { isolated: false, build: 'st' },
]

describe('a page', { timeout: MINUTES }, async () => {
  const folder = await install('page', tarball)

  test.each(BUILDS)('loads the package from its own server (isolated: $isolated)', async ({ isolated, build }) => {
    expect(await toldFrom(folder, { isolated })).toEqual({ build, recommended: expected })
  })

  test.each(BUILDS)('loads the package from another server (isolated: $isolated)', async ({ isolated, build }) => {
    const other = await serve(pathToFileURL(join(folder, '/')), { shared: true })
    try {
      expect(await toldFrom(folder, { isolated }, `?from=${other.origin}`)).toEqual({ build, recommended: expected })
    } finally {
      await other.close()
    }
  })
})

describe('Vite', { timeout: MINUTES }, async () => {
  const folder = await install('vite', tarball)

  test.each(BUILDS)('serves the package in development (isolated: $isolated)', async ({ isolated, build }) => {
    const env = { ...process.env, ISOLATED: isolated ? 'yes' : '', NO_COLOR: '1' }
    const vite = spawn('node_modules/.bin/vite', ['--host', '127.0.0.1', '--port', '0'], {
      cwd: folder,
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    try {
      expect(await toldAt(await addressIn(vite.stdout))).toEqual({ build, recommended: expected })
    } finally {
      const ended = once(vite, 'exit')
      vite.kill()
      await ended
    }
  })

  test('bundles the package for pages with and without isolation', async () => {
    await runIn(folder, 'node_modules/.bin/vite', 'build')
    for (const { isolated, build } of BUILDS) {
      expect(await toldFrom(join(folder, 'dist'), { isolated })).toEqual({ build, recommended: expected })
    }
  })
})

describe('React', { timeout: MINUTES }, async () => {
  const folder = await install('react', tarball)

  test('the example of docs/react.md follows what the visitor likes', async () => {
    const text = await readFile(new URL('../../docs/react.md', import.meta.url), 'utf8')
    const [, example = ''] = /^```jsx\n([\s\S]*?)^```/m.exec(text) ?? []
    await writeFile(join(folder, 'recommendations.jsx'), example)
    const model = await CML.create({ factors: 8 })
    await model.fit(await Dataset.synthetic({ users: 60, items: 40, ratings: 900 }), { epochs: 3 })
    const listFor = async (liked: readonly string[]) => {
      const list = await model.recommendFor(
        liked.map((item) => ({ item })),
        { k: 5 },
      )
      return list.map(({ item, title }) => [item, title ?? item] as const)
    }
    const first = await listFor(['3', '17'])
    const second = await listFor(['3', '17', first[0]?.[0] ?? ''])

    await runIn(folder, 'node_modules/.bin/vite', 'build')
    await writeFile(join(folder, 'dist/model.safetensors'), await model.toBytes({ users: false }))
    const site = await serve(pathToFileURL(join(folder, 'dist/')), {})
    const page = await openPage()
    try {
      await page.goto(`${site.origin}/`)
      const shown = () => page.locator('li').allTextContents()
      await expect.poll(shown).toEqual(first.map(([, title]) => `${title} I like it`))
      await page.locator('li button').first().click()
      await expect.poll(shown).toEqual(second.map(([, title]) => `${title} I like it`))
    } finally {
      await page.close()
      await site.close()
    }
  })
})

describe('webpack', { timeout: MINUTES }, async () => {
  const folder = await install('webpack', tarball)

  test('bundles the package for pages with and without isolation', async () => {
    await runIn(folder, 'node_modules/.bin/webpack', '--mode', 'production', '--output-path', 'public')
    for (const { isolated, build } of BUILDS) {
      expect(await toldFrom(join(folder, 'public'), { isolated })).toEqual({ build, recommended: expected })
    }
  })
})

/** The address that a development server prints once it listens. */
function addressIn(output: Readable): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = ''
    output.setEncoding('utf8').on('data', (text) => {
      said += text
      const address = said.match(/http:\/\/127\.0\.0\.1:\d+\//)?.[0]
      if (address) resolve(address)
    })
    output.on('end', () => reject(new Error(`the server gave no address: ${said}`)))
  })
}
