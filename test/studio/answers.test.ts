import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { part, settled, train, useStudio, withData } from './support.ts'

const studio = useStudio()

const rows = Array.from({ length: 300 }, (_, row) => [`u${row % 20}`, `i${(row * 7) % 31}`, (row % 5) + 1] as const)
const csv = `user,item,rating\n${rows.map((row) => row.join(',')).join('\n')}\n`

async function choose(page: Page, ...files: readonly (readonly [name: string, text: string])[]): Promise<void> {
  await page
    .locator('.drop input[type="file"]')
    .setInputFiles(files.map(([name, text]) => ({ name, mimeType: 'text/plain', buffer: Buffer.from(text) })))
}

test('a folder that is dropped is named, and what to drop instead', async () => {
  await studio({}, async ({ page }) => {
    await withData(page)
    // Playwright cannot drop a folder: this is what browsers say of one.
    await page.locator('.drop').evaluate((zone) => {
      const dropped = { files: [], items: [{ webkitGetAsEntry: () => ({ isDirectory: true, name: 'ml-100k' }) }] }
      const event = new Event('drop', { bubbles: true, cancelable: true })
      Object.defineProperty(event, 'dataTransfer', { value: dropped })
      zone.dispatchEvent(event)
    })
    await page.getByRole('alert').getByText('ml-100k is a folder: drop the files in it').waitFor()
  })
})

test('errors name no flags of the command line', async () => {
  await studio({}, async ({ page }) => {
    await withData(page)
    await choose(page, ['bad.csv', csv.replace('u3,', 'u3').replace(/,4\n/, ',many\n')])
    const alert = page.getByRole('alert')
    await alert.waitFor()
    expect(await alert.innerText()).not.toContain('--')
    await page.getByRole('button', { name: 'Leave out such rows' }).waitFor()
  })
})

test('of two files whose names tell nothing, the header names the titles; how many have one is said', async () => {
  await studio({}, async ({ page }) => {
    await withData(page)
    await choose(page, ['b.csv', 'item,title\ni0,Night Train\ni1,Blue Door\n'], ['a.csv', csv])
    await page.getByText('b.csv has titles for 2 of 31 items.').waitFor()
    await choose(page, ['a.csv', csv], ['b.csv', 'item,title\nx0,Night Train\n'])
    await page.getByText('titles for 0 of 31 items').waitFor()
  })
})

test('columns without names are offered in their order, and counts are called counts', async () => {
  await studio({}, async ({ page }) => {
    await withData(page)
    await choose(page, ['u.data', rows.map(([user, item, rating]) => `${user}\t${item}\t${rating}\n`).join('')])
    await page.waitForFunction(() => window.studio.data.value?.name === 'u.data')
    const offered = page.locator('.scroll table select').first().locator('option')
    expect(await offered.allTextContents()).toEqual(['1', '2', '3'])

    const plays = rows.map(([user, item], row) => `${user},${item},${2 ** ((row * 5) % 14)}`)
    await choose(page, ['plays.csv', `user,item,plays\n${plays.join('\n')}\n`])
    await page.getByText('The ratings look like counts').waitFor()
    expect(await page.locator('.tiles dt').allTextContents()).toContain('mean count')
  })
})

test('new data takes the place of trained models only when the visitor says so', async () => {
  await studio({}, async ({ page }) => {
    await withData(page)
    await train(page, 'pop')
    await part(page, 'Data')
    const asked: string[] = []
    page.removeAllListeners('dialog')
    page.once('dialog', (dialog) => {
      asked.push(dialog.message())
      return dialog.dismiss()
    })
    await choose(page, ['a.csv', csv])
    await expect
      .poll(() => asked)
      .toEqual([expect.stringMatching(/^Take a\.csv in place of Invented films\? 1 model /)])
    expect(await page.evaluate(() => [window.studio.data.value?.name, window.studio.runs.value.length])).toEqual([
      'Invented films',
      1,
    ])
    page.once('dialog', (dialog) => dialog.accept())
    await choose(page, ['a.csv', csv])
    await page.waitForFunction(() => window.studio.data.value?.name === 'a.csv')
    expect(await page.evaluate(() => window.studio.runs.value.length)).toBe(0)
  })
})

test('the map stays on its model when the next one of the queue begins', async () => {
  await studio({}, async ({ page }) => {
    await withData(page)
    await train(page, 'cml', 2)
    await page.evaluate(() => {
      window.studio.form.value = { kind: 'bpr', options: {}, seed: 0, epochs: 300 }
    })
    for (const name of ['Train bpr', 'Train bpr']) await page.getByRole('button', { name, exact: true }).click()
    await page.evaluate(() => {
      const { runs, chosen } = window.studio
      chosen.value = runs.value[0]?.id
    })
    await part(page, 'Taste space')
    await settled(page)
    expect(await page.getByRole('combobox', { name: 'Model' }).locator('option:checked').textContent()).toBe('cml')
    expect(await page.getByRole('alert').count()).toBe(0)
  })
})

test('while a model trains, a finished one can be chosen and removed', async () => {
  await studio({}, async ({ page }) => {
    await withData(page)
    await train(page, 'ease')
    await page.evaluate(() => {
      window.studio.form.value = { kind: 'cml', options: {}, seed: 0, epochs: 2000 }
    })
    await page.getByRole('button', { name: 'Train cml', exact: true }).click()
    await page.getByRole('button', { name: 'Pause' }).waitFor()
    await page.locator('.runs').getByRole('button', { name: 'ease' }).click()
    await page.getByRole('button', { name: 'Remove', exact: true }).click()
    expect(await page.evaluate(() => window.studio.runs.value.map(({ kind }) => kind))).toEqual(['cml'])
    await page.getByRole('button', { name: 'Stop and keep the best' }).click()
    await settled(page)
  })
})

test('bars are as long as their values', async () => {
  await studio({}, async ({ page }) => {
    await withData(page)
    const shares = (bars: string) =>
      page.locator(bars).evaluateAll((all) => {
        const heights = all.map((each) => each.getBoundingClientRect().height)
        const wanted = all.map((each) => Number.parseFloat((each as HTMLElement).style.height))
        const [highest, most] = [Math.max(...heights), Math.max(...wanted)]
        return all.map((_, place) => Math.abs((heights[place] ?? 0) / highest - (wanted[place] ?? 0) / most))
      })
    for (const error of await shares('.histogram:first-child .bar')) expect(error).toBeLessThan(0.02)
    await train(page, 'lrml', 3)
    await part(page, 'Insides')
    await page.locator('.bars li').first().waitFor()
    for (const error of await shares('.bars li > span:first-child')) expect(error).toBeLessThan(0.02)
  })
})

test('on a phone the name of the open part is in sight', async () => {
  await studio({ width: 390 }, async ({ page }) => {
    await withData(page)
    await train(page, 'pop')
    await page.evaluate(() => {
      window.studio.tab.value = 'take'
    })
    const name = page.locator('nav [aria-current]')
    await expect.poll(() => name.textContent()).toContain('Take it with you')
    const box = await name.boundingBox()
    expect(box?.x).toBeGreaterThanOrEqual(0)
    expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual(390)
  })
})

test('while a model trains, no list of before stands for one that is not there yet, and a map is refined', async () => {
  await studio({}, async ({ page }) => {
    await withData(page)
    await train(page, 'bpr', 2)
    await part(page, 'You')
    const like = (name: string) => page.getByRole('button', { name }).click()
    const [first, second] = await page.locator('.chips button').allTextContents()
    await like(first ?? '')
    await page.locator('.column .list li').first().waitFor()
    await page.evaluate(() => {
      const slow = { factors: 512, negatives: 1000 }
      window.studio.form.value = { kind: 'cml', options: slow, seed: 0, epochs: 200 }
    })
    await part(page, 'Train')
    await page.getByRole('button', { name: 'Train cml', exact: true }).click()
    await page.waitForFunction(() => (window.studio.runs.value[1]?.reports.length ?? 0) > 0, null, { timeout: 60_000 })
    await part(page, 'You')
    await like(second ?? '')
    const waits = page.locator('.column').getByText('While a model trains, answers come between its epochs.')
    await waits.waitFor()
    expect(await page.locator('.column .list li').count()).toBe(0)
    await page.locator('.column .list li').first().waitFor({ timeout: 60_000 })
    await part(page, 'Taste space')
    await page.getByRole('combobox', { name: 'Model' }).selectOption({ label: 'bpr' })
    await page.getByRole('button', { name: 'Refine by neighbours' }).click({ timeout: 60_000 })
    await page.getByText('finding each item').waitFor()
    await page.getByText("UMAP of each item's nearest").waitFor({ timeout: 60_000 })
    await part(page, 'Train')
    await page.getByRole('button', { name: 'Stop and keep the best' }).click()
    await settled(page)
  })
}, 180_000)

test('a file of titles alone is not read as interactions, and columns are asked for beside the first lines', async () => {
  await studio({}, async ({ page }) => {
    await withData(page)
    await choose(page, ['films.csv', 'item,title\ni0,Night Train\ni1,Blue Door\n'])
    await page.getByRole('alert').getByText('films.csv looks like a file of titles').waitFor()
    await page.getByRole('button', { name: 'Read it as ratings or clicks' }).click()
    await page.getByRole('region', { name: 'First lines' }).getByText('i0,Night Train').waitFor()
    await page.locator('form').getByRole('button', { name: 'Cancel' }).click()
    expect(await page.locator('form').count()).toBe(0)
  })
})

test('an item is found by a part of its id too', async () => {
  await studio({}, async ({ page }) => {
    await withData(page)
    await choose(page, ['a.csv', csv], ['films.csv', 'item,title\ni27,Night Train\n'])
    await page.waitForFunction(() => window.studio.data.value?.titles.includes('Night Train'))
    await part(page, 'You')
    const field = page.getByRole('searchbox', { name: 'Find' })
    await field.fill('27')
    await page.getByRole('option', { name: 'Night Train' }).waitFor()
    await field.press('Enter')
    await expect
      .poll(() => page.evaluate(() => window.studio.liked.value))
      .toEqual([{ item: 'i27', title: 'Night Train' }])
  })
})

test('the points of the small map stay round when the curves beside it grow', async () => {
  await studio({}, async ({ page }) => {
    await withData(page)
    await train(page, 'cml', 2)
    await train(page, 'bias')
    await page.locator('table.runs').getByRole('button', { name: 'cml' }).click()
    const canvas = page.locator('.small-map canvas')
    const stretch = () =>
      canvas.evaluate((each: HTMLCanvasElement) => each.width / each.clientWidth - each.height / each.clientHeight)
    await expect.poll(stretch).toBeCloseTo(0, 2)
  })
})

test('a part that is opened by a button begins at its top', async () => {
  await studio({ width: 390 }, async ({ page }) => {
    await withData(page)
    await page.getByRole('button', { name: 'Train models on it' }).click()
    await page.locator('main.part-train').waitFor()
    await page.waitForTimeout(200)
    expect(await page.evaluate(() => scrollY)).toBe(0)
  })
})
