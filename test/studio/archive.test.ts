import { deflateRawSync } from 'node:zlib'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { useStudio, withData } from './support.ts'

const studio = useStudio()

const rows = Array.from({ length: 200 }, (_, row) => `u${row % 20},i${(row * 7) % 31},${(row % 5) + 1}`)
const ratings = `user,item,rating\n${rows.join('\n')}\n`

test('an archive of a folder: the interactions and the titles in it are read, the others named', async () => {
  await studio({}, async ({ page }) => {
    await withData(page)
    await choose(page, 'ml.zip', {
      'ml/': '',
      'ml/README.txt': 'What is in these files.',
      'ml/links.csv': 'item,imdb\ni0,7\n',
      'ml/movies.csv': 'item,title\ni0,Night Train\n',
      'ml/ratings.csv': ratings,
    })
    await page.waitForFunction(() => window.studio.data.value?.name === 'ratings.csv')
    await page.getByText('movies.csv has titles for 1 of 31 items.').waitFor()
    await page.getByText('Not read: README.txt, links.csv.').waitFor()
  })
})

test('an archive without data says what is in it and what is accepted', async () => {
  await studio({}, async ({ page }) => {
    await withData(page)
    const alert = page.getByRole('alert')
    for (const files of [{ 'map.png': 'a picture' }, { 'map.png': 'a picture', 'paper.pdf': 'a paper' }]) {
      await choose(page, 'pictures.zip', files)
      await alert.getByText(`pictures.zip has ${Object.keys(files).join(', ')}, and no file of ratings`).waitFor()
      expect(await alert.innerText()).toContain('CSV, TSV, JSON, MatrixMarket and text files are read')
      await alert.getByRole('button', { name: 'Close' }).click()
    }
  })
})

test('an archive of one file is read whatever its name is', async () => {
  await studio({}, async ({ page }) => {
    await withData(page)
    await choose(page, 'one.zip', { ratings })
    await page.waitForFunction(() => window.studio.data.value?.name === 'one.zip')
  })
})

async function choose(page: Page, name: string, files: Readonly<Record<string, string>>): Promise<void> {
  await page
    .locator('.drop input[type="file"]')
    .setInputFiles({ name, mimeType: 'application/zip', buffer: zipOf(files) })
}

/** A zip archive, deflated. */
function zipOf(files: Readonly<Record<string, string>>): Buffer {
  const contents: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const [path, text] of Object.entries(files)) {
    const packed = deflateRawSync(text)
    // From the version that is needed to the length of the name, as both headers have it.
    const common = Buffer.alloc(24)
    common.writeUInt16LE(20, 0)
    common.writeUInt16LE(8, 4)
    common.writeUInt32LE(crc32(Buffer.from(text)), 10)
    common.writeUInt32LE(packed.length, 14)
    common.writeUInt32LE(Buffer.byteLength(text), 18)
    common.writeUInt16LE(Buffer.byteLength(path), 22)
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, Buffer.alloc(2), Buffer.from(path), packed])
    const rest = Buffer.alloc(16)
    rest.writeUInt32LE(offset, 12)
    directory.push(Buffer.from('PK\x01\x02\x14\x00', 'latin1'), common, rest, Buffer.from(path))
    contents.push(local)
    offset += local.length
  }
  const entries = Buffer.concat(directory)
  const end = Buffer.alloc(18)
  end.writeUInt16LE(contents.length === 0 ? 0 : Object.keys(files).length, 4)
  end.writeUInt16LE(Object.keys(files).length, 6)
  end.writeUInt32LE(entries.length, 8)
  end.writeUInt32LE(offset, 12)
  return Buffer.concat([...contents, entries, Buffer.from('PK\x05\x06'), end])
}

function crc32(bytes: Uint8Array): number {
  let crc = ~0
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0)
  }
  return ~crc >>> 0
}
