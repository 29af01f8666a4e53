// Takes the pictures of the studio that the docs show, on its embedded data: docs/studio.png, docs/studio-map.png,
// docs/studio-you.png. Look at them before they are committed.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { launch } from './lib/chromium.mjs'
import { root } from './lib/root.mjs'

const server = spawn(process.execPath, [join(root, 'dist/cli.mjs'), 'studio', '--port', '0', '--json'])
const url = await new Promise((resolve) => {
  createInterface({ input: server.stdout }).once('line', (line) => resolve(JSON.parse(line).url))
})
const browser = await launch()
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
  const picture = (name) => page.screenshot({ path: join(root, 'docs', `${name}.png`) })
  await page.goto(url)
  await page.waitForFunction(() => window.studio?.data.value)
  await page.evaluate(() => {
    window.studio.tab.value = 'train'
  })
  for (const kind of ['pop', 'ease', 'attrec', 'cml']) {
    const before = await page.evaluate((kind) => {
      window.studio.form.value = { kind, options: {}, seed: 0, epochs: undefined }
      return window.studio.runs.value.length
    }, kind)
    await page.locator('form button[type="submit"]').click()
    await page.waitForFunction((count) => window.studio.runs.value.length > count, before)
    await page.waitForFunction(() => window.studio.runs.value.every(({ phase }) => phase === 'done'), null, {
      timeout: 120_000,
    })
  }
  await page.waitForTimeout(600)
  await picture('studio')
  await page.emulateMedia({ colorScheme: 'dark' })
  await page.evaluate(() => {
    window.studio.tab.value = 'map'
  })
  await page.waitForTimeout(1200)
  await picture('studio-map')
  await page.emulateMedia({ colorScheme: 'light' })
  await page.evaluate(() => {
    window.studio.tab.value = 'you'
  })
  for (let item = 0; item < 5; item++) await page.locator('.chips button').first().click()
  await page.waitForTimeout(1200)
  await picture('studio-you')
} finally {
  await browser.close()
  server.kill('SIGINT')
}
