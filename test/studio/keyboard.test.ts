import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { part, settled, train, useStudio, withData } from './support.ts'

const studio = useStudio()

const focused = (page: Page) => page.evaluate(() => document.activeElement?.textContent?.trim() ?? '')

test('a button that goes away leaves the focus to the one in its place', async () => {
  await studio({}, async ({ page }) => {
    await withData(page)
    // Another part of the page begins at its beginning.
    await page.getByRole('button', { name: 'Train models on it' }).press('Enter')
    await page.locator('main.part-train').waitFor()
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('main')

    await page.evaluate(() => {
      window.studio.form.value = { kind: 'cml', options: {}, seed: 0, epochs: 500 }
    })
    await page.getByRole('button', { name: 'Train cml', exact: true }).click()
    await page.getByRole('button', { name: 'Pause' }).press('Enter')
    await expect.poll(() => focused(page)).toBe('Resume')
    await page.keyboard.press('Enter')
    await expect.poll(() => focused(page)).toBe('Pause')
    await page.getByRole('button', { name: 'Stop and keep the best' }).press('Enter')
    await settled(page)
    // Nothing takes their place while the model is measured, so the focus goes to what follows.
    expect(await page.evaluate(() => document.activeElement?.closest('.results') !== null)).toBe(true)

    await part(page, 'You')
    const chips = page.getByRole('list', { name: 'Well-known items' }).getByRole('button')
    const [, second] = await chips.allTextContents()
    await chips.first().press('Enter')
    await expect.poll(() => focused(page)).toBe(second)
  })
}, 60_000)

test('a focused field is not behind the button that stays in sight', async () => {
  await studio({}, async ({ page }) => {
    await withData(page)
    await part(page, 'Train')
    await page.setViewportSize({ width: 1280, height: 500 })
    const button = page.getByRole('button', { name: 'Train cml', exact: true })
    for (let press = 0; press < 40; press++) {
      await page.keyboard.press('Tab')
      const name = await page.evaluate(() => document.activeElement?.closest('label')?.textContent ?? '')
      if (!name.startsWith('seed')) continue
      const field = await page.locator(':focus').boundingBox()
      const cover = await button.boundingBox()
      expect((field?.y ?? 0) + (field?.height ?? 0)).toBeLessThanOrEqual(cover?.y ?? 0)
      return
    }
    throw new Error('no field of the seed within 40 presses of Tab')
  })
})

test('the field Find: arrows move through its list, an item that is selected stays so, and no match is said', async () => {
  await studio({}, async ({ page }) => {
    await withData(page)
    await train(page, 'ease')
    await part(page, 'Taste space')
    const find = page.getByRole('searchbox', { name: 'Find' })
    const choices = page.locator('.found button')
    await find.fill('the')
    await choices.first().waitFor()
    const [, second] = await choices.allTextContents()
    const selected = () =>
      page.evaluate(() => {
        const { data, selected } = window.studio
        return selected.value.map((item) => data.value?.titles[data.value.items.indexOf(item)])
      })
    for (let round = 0; round < 2; round++) {
      await find.fill('the')
      await choices.first().waitFor()
      await find.press('ArrowDown')
      await find.press('Enter')
      expect(await selected()).toEqual([second])
    }
    await find.fill('zzzzqq')
    await page.getByText('No item is like “zzzzqq”.').waitFor()

    // A group without a lasso: the items of one colour.
    await page.locator('.legend button').first().press('Enter')
    const genre = (await page.locator('.legend button').first().textContent())?.trim()
    const genres = await page.evaluate(() => {
      const { data, selected } = window.studio
      return selected.value.map((item) => data.value?.genres[data.value.items.indexOf(item)]?.[0])
    })
    expect(genres.length).toBeGreaterThan(10)
    expect(new Set(genres)).toEqual(new Set([genre]))

    const user = page.getByRole('combobox', { name: 'User' }).or(page.locator('.user-choice input')).first()
    await user.fill('nobody')
    await user.press('Enter')
    await user.blur()
    await page.getByText('has no user “nobody”').waitFor()
  })
})
