import { type ChildProcess, spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { tableFromArrays, tableToIPC } from 'apache-arrow'
import { parquetWriteBuffer } from 'hyparquet-writer'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { launch } from '../../scripts/lib/chromium.mjs'
import { temporaryFolder } from '../cli/support.ts'
import { withData } from './support.ts'

const folder = temporaryFolder()
const CLI = fileURLToPath(new URL('../../dist/cli.mjs', import.meta.url))
const columns = {
  user: Array.from({ length: 60 }, (_, row) => `u${row % 12}`),
  item: Array.from({ length: 60 }, (_, row) => `i${row % 9}`),
  rating: Array.from({ length: 60 }, (_, row) => 1 + (row % 5)),
}
const FILES = {
  'ratings.parquet': new Uint8Array(
    parquetWriteBuffer({ columnData: Object.entries(columns).map(([name, data]) => ({ name, data })) }),
  ),
  'ratings.arrow': tableToIPC(tableFromArrays(columns), 'file'),
}

let browser: Browser
let server: ChildProcess | undefined
beforeAll(async () => {
  browser = await launch()
})
afterAll(() => browser?.close())

for (const [name, content] of Object.entries(FILES)) {
  test(`the page that the command line serves reads ${name}`, async () => {
    writeFileSync(join(folder, name), content)
    server = spawn(process.execPath, [CLI, 'studio', name, '--port', '0', '--json'], { cwd: folder })
    const { stdout } = server
    if (!stdout) throw new Error('the command has no output')
    const url = await new Promise<string>((resolve) => {
      createInterface({ input: stdout }).once('line', (line) => resolve(JSON.parse(line).url))
    })
    const page = await browser.newPage()
    const refused: string[] = []
    page.on('console', (message) => message.type() === 'error' && refused.push(message.text()))
    try {
      await page.goto(url)
      await withData(page)
      expect(await page.evaluate(() => window.studio.data.value?.info)).toMatchObject({ users: 12, items: 9 })
      expect(refused).toEqual([])
    } finally {
      await page.close()
      server.kill('SIGINT')
    }
  })
}
