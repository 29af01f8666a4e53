import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { CML, Dataset, loadModel } from 'tastespace'
import { expect, test } from 'vitest'
import { part, settled, train, useStudio, withData } from './support.ts'

const studio = useStudio()

test('data: the embedded set is there at once, with its figures, rows and histograms', async () => {
  await studio({}, async ({ page }) => {
    await withData(page)
    await page.getByRole('heading', { name: 'Invented films' }).waitFor()
    const tiles = await page.locator('.tiles div').allTextContents()
    expect(tiles).toEqual(expect.arrayContaining(['interactions24,000', 'users800', 'items500']))
    expect(await page.locator('.histogram').count()).toBe(3)
    expect(await page.getByText('2 threads').or(page.getByText('thread ·')).first().isVisible()).toBe(true)
  })
})

test('data: a file is read, its columns can be corrected, titles follow, and a bad one is named', async () => {
  await studio({}, async ({ page }) => {
    await withData(page)
    const rows = Array.from({ length: 60 }, (_, row) => `u${row % 12},b${row % 7},${(row % 5) + 1},i${row % 9}`)
    await choose(page, 'data.csv', `who,basket,stars,what\n${rows.join('\n')}\n`)
    // Names that tell nothing: the person says what they are, and corrects it later.
    await page.getByRole('heading', { name: 'What are the columns of data.csv?' }).waitFor()
    const ask = page.locator('form', { hasText: 'What are the columns' })
    await ask.getByLabel('user').selectOption('who')
    await ask.getByLabel('item').selectOption('basket')
    await page.getByRole('button', { name: 'Read it' }).click()
    const columns = page.locator('.scroll table').first()
    await columns.getByLabel('item').selectOption('what')
    await page.waitForFunction(() => window.studio.data.value?.info.source?.columns.item === 'what')
    await columns.getByLabel('rating').selectOption('stars')
    await page.waitForFunction(() => window.studio.data.value?.info.source?.columns.rating === 'stars')
    const info = await page.evaluate(() => window.studio.data.value?.info)
    expect(info).toMatchObject({
      users: 12,
      items: 9,
      source: { columns: { user: 'who', item: 'what', rating: 'stars' } },
    })

    await choose(page, 'movies.csv', 'item,title,genres\ni0,Night Train,Drama\ni1,Blue Door,Comedy\n')
    await page.waitForFunction(() => window.studio.data.value?.titles.includes('Night Train'))
    expect(await page.evaluate(() => window.studio.data.value?.genres.filter(({ length }) => length > 0))).toEqual([
      ['Drama'],
      ['Comedy'],
    ])

    await choose(page, 'broken.csv', 'user,item,rating\na,b,3\nc,d,many\n')
    const alert = page.getByRole('alert')
    await alert.waitFor()
    expect(await alert.innerText()).toMatch(/line 3.*many/s)
    expect(await page.evaluate(() => window.studio.data.value?.name)).toBe('data.csv')
  })
})

test('data: a file is read without its bad rows, as a matrix, or by the numbers of its columns', async () => {
  await studio({}, async ({ page }) => {
    await withData(page)
    const rows = Array.from({ length: 60 }, (_, row) => `u${row % 12},i${row % 9},${(row % 5) + 1}`)
    await choose(page, 'blank.csv', `user,item,rating\n${rows.join('\n')}\nu1,i5,many\n`)
    await page.getByRole('button', { name: 'Leave out such rows' }).click()
    await named(page, 'blank.csv')
    expect(await page.evaluate(() => window.studio.data.value?.info.source?.skipped.rows)).toBe(1)
    await train(page, 'pop')
    await part(page, 'Take it with you')
    expect(await page.getByLabel('Link').inputValue()).toContain('read.badRows=')
    expect(await page.getByLabel('Program').inputValue()).toContain("'blank.csv', { badRows: 'skip' }")

    await part(page, 'Data')
    const cells = (row: number) => Array.from({ length: 5 }, (_, item) => ((row + item) % 3 ? 1 + (item % 5) : ''))
    const matrix = Array.from({ length: 12 }, (_, row) => `u${row},${cells(row).join()}`)
    await choose(page, 'pivot.csv', `user,item0,item1,item2,item3,item4\n${matrix.join('\n')}\n`)
    await page.getByRole('button', { name: 'Read a row per user and a column per item' }).click()
    await named(page, 'pivot.csv')

    const plays = Array.from({ length: 60 }, (_, row) => `u${row % 12},The Game ${row % 9},play,${(row % 5) + 1},0`)
    await choose(page, 'plays.csv', `${plays.join('\n')}\n`)
    const ask = page.locator('form', { hasText: 'What are the columns of plays.csv?' })
    await ask.getByLabel('user').selectOption({ label: '1: u0' })
    await ask.getByLabel('item').selectOption({ label: '2: The Game 0' })
    await page.getByRole('button', { name: 'Read it' }).click()
    await named(page, 'plays.csv')
    expect(await page.evaluate(() => window.studio.data.value?.info.items)).toBe(9)
  })
})

test('data: of several files one has the interactions and one the titles; the others are named', async () => {
  await studio({}, async ({ page }) => {
    await withData(page)
    const rows = Array.from({ length: 60 }, (_, row) => `u${row % 12},i${row % 9},${(row % 5) + 1}`)
    const file = (name: string, text: string) => ({ name, mimeType: 'text/csv', buffer: Buffer.from(text) })
    await page
      .locator('.drop input[type="file"]')
      .setInputFiles([
        file('links.csv', 'item,imdb\ni0,7\n'),
        file('movies.csv', 'item,title\ni0,Night Train\n'),
        file('ratings.csv', `user,item,rating\n${rows.join('\n')}\n`),
      ])
    await named(page, 'ratings.csv')
    expect(await page.evaluate(() => window.studio.data.value?.titles[0])).toBe('Night Train')
    await page.getByText('Not read: links.csv').waitFor()
  })
})

test('data: a file that is chosen while another is read takes its place', async () => {
  await studio({}, async ({ page }) => {
    await withData(page)
    const rows = Array.from({ length: 400_000 }, (_, row) => `u${row % 3000},i${row % 1999}`)
    await choose(page, 'first.csv', `user,item\n${rows.join('\n')}\n`)
    await choose(page, 'second.csv', `user,item\n${rows.slice(0, 500).join('\n')}\n`)
    await named(page, 'second.csv')
    await page.waitForTimeout(2000)
    expect(await page.evaluate(() => window.studio.data.value?.name)).toBe('second.csv')
    expect(await page.evaluate(() => window.studio.problem.value)).toBeUndefined()
  })
})

test('data: the encoding of a file can be named, where it is taken for another or is none', async () => {
  await studio({}, async ({ page }) => {
    await withData(page)
    const rows = Array.from({ length: 60 }, (_, row) => `u${row % 12},X${row % 9},${(row % 5) + 1}`)
    // In Shift_JIS, an item is called あ and a number.
    const bytes = Buffer.from(`user,item,rating\n${rows.join('\n')}\n`.replaceAll('X', '\x82\xa0'), 'latin1')
    await choose(page, 'japanese.csv', bytes)
    await named(page, 'japanese.csv')
    await page.getByText('was read as Windows-1252').waitFor()
    await page.getByLabel('Encoding').selectOption('shift_jis')
    await page
      .getByRole('cell', { name: /^あ\d$/ })
      .first()
      .waitFor()
    await train(page, 'pop')
    await part(page, 'Take it with you')
    expect(await page.getByLabel('Link').inputValue()).toContain('read.encoding=%22shift_jis%22')
    expect(await page.getByLabel('Program').inputValue()).toContain("'japanese.csv', { encoding: 'shift_jis' }")

    await part(page, 'Data')
    // UTF-8 at first, and then a byte that is not.
    const mixed = Buffer.concat([Buffer.from('user,item\nu0,é\n'), Buffer.from('u0,\xe9\n', 'latin1')])
    await choose(page, 'mixed.csv', mixed)
    await page.getByText('is not UTF-8, as the text before it is').waitFor()
    await page.getByRole('alert').getByLabel('Encoding').selectOption('windows-1252')
    await named(page, 'mixed.csv')
    expect(await page.evaluate(() => window.studio.data.value?.items)).toEqual(['Ã©', 'é'])
  })
})

test('data: a file of a few rows is loaded whole, and its models are not measured', async () => {
  await studio({}, async ({ page }) => {
    await withData(page)
    await choose(page, 'few.csv', 'user,item,rating\nann,x,5\nann,y,3\nbob,x,1\n')
    await named(page, 'few.csv')
    await page.getByText('Models are not measured.').waitFor()
    // Each of the three ratings occurs once.
    expect(await page.locator('.histogram .unseen').allTextContents()).toContain('1 rating')
    await train(page, 'pop')
    expect(await page.evaluate(() => window.studio.runs.value[0]?.metrics)).toEqual({})
    await part(page, 'Take it with you')
    const program = await page.getByLabel('Program').inputValue()
    expect(program).toContain("split({ by: 'random:0' })")
    expect(program).not.toContain('evaluate')
  })
})

test('data: more threads than the machine has are not started', async () => {
  await studio({ fragment: '#threads=100000' }, async ({ page }) => {
    await withData(page)
    expect(await page.evaluate(() => window.studio.problem.value)).toBeUndefined()
  })
})

test('data: reading can be cancelled', async () => {
  await studio({}, async ({ page }) => {
    await withData(page)
    const before = await page.evaluate(() => window.studio.data.value?.name)
    const line = 'user17,item23,4,1300000000\n'
    await choose(page, 'large.csv', `user,item,rating,time\n${line.repeat(1_500_000)}`)
    await page.getByRole('button', { name: 'Cancel' }).click()
    await page.waitForFunction(() => window.studio.reading.value === undefined)
    expect(await page.evaluate(() => window.studio.data.value?.name)).toBe(before)
    expect(await page.getByRole('alert').count()).toBe(0)
  })
})

test('train: curves and the map move, a pause holds, a stop keeps the best, and the table compares', async () => {
  await studio({}, async ({ page }) => {
    await withData(page)
    await part(page, 'Train')
    await page.getByLabel('factors').fill('16')
    await page.getByLabel('factors').blur()
    await page.getByRole('button', { name: 'Train cml', exact: true }).click()
    const epochs = () => page.evaluate(() => window.studio.runs.value[0]?.reports.length ?? 0)
    await expect.poll(epochs).toBeGreaterThan(1)
    await page.getByRole('button', { name: 'Pause' }).click()
    await page.getByRole('button', { name: 'Resume' }).waitFor()
    await expect.poll(async () => (await epochs()) === (await page.waitForTimeout(300).then(epochs))).toBe(true)
    expect(await page.locator('.u-over').count()).toBeGreaterThan(0)
    expect(await page.locator('.small-map').innerText()).toMatch(/Taste space of cml/)
    await page.getByRole('button', { name: 'Resume' }).click()
    await page.getByRole('button', { name: 'Stop and keep the best' }).click()
    await settled(page)
    const [run] = await page.evaluate(() =>
      window.studio.runs.value.map(({ stopped, name, metrics }) => ({ stopped, name, metrics })),
    )
    expect(run).toMatchObject({ stopped: 'aborted', name: 'cml · factors 16' })
    for (const kind of ['pop', 'ease']) await train(page, kind)
    const table = page.locator('table.runs')
    expect(await table.locator('tbody tr').count()).toBe(3)
    expect(await table.locator('.best').count()).toBeGreaterThan(0)
    expect(await table.locator('.interval').count()).toBe(3)
  })
})

test('train: the epochs of one kind are not those of a kind in closed form', async () => {
  await studio({}, async ({ page }) => {
    await withData(page)
    await train(page, 'biased-mf', 2)
    await train(page, 'bias')
    const runs = await page.evaluate(() => window.studio.runs.value.map(({ kind, epochs }) => ({ kind, epochs })))
    expect(runs).toEqual([
      { kind: 'biased-mf', epochs: 2 },
      { kind: 'bias', epochs: undefined },
    ])
  })
})

test('train: runs of the same options have names of their own, and one that waits can leave the queue', async () => {
  await studio({}, async ({ page }) => {
    await withData(page)
    await part(page, 'Train')
    // Whether the page asks before it is left.
    const guarded = () => page.evaluate(() => !dispatchEvent(new Event('beforeunload', { cancelable: true })))
    expect(await guarded()).toBe(false)
    await page.getByRole('button', { name: 'Train cml', exact: true }).click()
    await page.getByRole('button', { name: 'Pause' }).click()
    await page.locator('input[name="kind"][value="pop"]').check({ force: true })
    for (let run = 0; run < 2; run++) await page.getByRole('button', { name: 'Train pop', exact: true }).click()
    const names = () => page.evaluate(() => window.studio.runs.value.map(({ name }) => name))
    await expect.poll(names).toEqual(['cml', 'pop', 'pop (2)'])
    expect(await guarded()).toBe(true)
    await page.getByRole('button', { name: 'Remove pop from the queue', exact: true }).click()
    expect(await names()).toEqual(['cml', 'pop (2)'])
    await page.getByRole('button', { name: 'Stop and keep the best' }).click()
    await settled(page)
    expect(await guarded()).toBe(false)
  })
})

test('train: the map of one model does not stay beside another that has none', async () => {
  await studio({}, async ({ page }) => {
    await withData(page)
    const map = page.locator('.small-map canvas')
    await train(page, 'cml', 1)
    await expect.poll(() => map.isVisible()).toBe(true)
    await train(page, 'pop')
    await expect.poll(() => map.isVisible()).toBe(false)
  })
})

test('train: another number of threads gives the same bits', async () => {
  await studio({}, async ({ page }) => {
    await withData(page)
    const hashes: (string | undefined)[] = []
    for (const threads of ['1', '2']) {
      await part(page, 'Train')
      const field = page.getByLabel('Threads')
      if ((await field.inputValue()) !== threads) {
        await field.selectOption(threads)
        await page.waitForFunction((count) => window.studio.engine.value?.threads === Number(count), threads)
        await withData(page)
      }
      await train(page, 'cml', 3)
      hashes.push(await page.evaluate(() => window.studio.runs.value[0]?.hash))
    }
    expect(hashes[0]).toMatch(/^[0-9a-f]{64}$/)
    expect(hashes[1]).toBe(hashes[0])
  })
})

test('train: an option out of range is said under the form, and nothing is trained', async () => {
  await studio({}, async ({ page }) => {
    await withData(page)
    await part(page, 'Train')
    await page.evaluate(() => {
      window.studio.form.value = { ...window.studio.form.value, options: { factors: 0 } }
    })
    await page.locator('form').evaluate((form: HTMLFormElement) => {
      form.noValidate = true
    })
    await page.getByRole('button', { name: 'Train cml', exact: true }).click()
    await page.getByText(/'factors' is 0/).waitFor()
    expect(await page.evaluate(() => window.studio.runs.value.length)).toBe(0)
  })
})

test('train: a training that fails says why, and the other parts show the models that are there', async () => {
  await studio({}, async ({ page }) => {
    await withData(page)
    // Without times, which AttRec needs.
    const rows = Array.from({ length: 200 }, (_, row) => `u${row % 20},<b>i${(row * 7) % 31}</b>`)
    await choose(page, 'clicks.csv', `user,item\n${rows.join('\n')}\n`)
    await page.waitForFunction(() => window.studio.data.value?.name === 'clicks.csv')
    await train(page, 'cml', 2)
    await page.evaluate(() => {
      window.studio.form.value = { kind: 'attrec', options: {}, seed: 0, epochs: 2 }
    })
    await page.getByRole('button', { name: 'Train attrec', exact: true }).click()
    await page.waitForFunction(() => window.studio.runs.value[1]?.phase === 'failed')
    await page.locator('table.runs').getByRole('button', { name: 'attrec' }).click()
    await page.locator('.status').getByText('attrec needs the time of every row').waitFor()
    for (const name of ['Taste space', 'Insides', 'You', 'Take it with you']) {
      await part(page, name)
      await page.waitForTimeout(200)
    }
    expect(await page.evaluate(() => window.studio.problem.value)).toBeUndefined()
    // Ids are text, whatever is in them.
    expect(await page.locator('main b').count()).toBe(0)
  })
})

test('map: a person sees history and recommendations, finds items, measures two and saves a group', async () => {
  await studio({}, async ({ page }) => {
    await withData(page)
    await train(page, 'cml', 5)
    await part(page, 'Taste space')
    await page.locator('.map .marks').waitFor()
    await expect.poll(() => page.locator('.map-side .list li').count()).toBe(10)
    // Why the first is recommended.
    await page.locator('.map-side .list button').first().click()
    await page.locator('.map-side .why').waitFor()
    await page.getByRole('button', { name: 'Clear' }).click()

    const find = page.getByRole('searchbox', { name: 'Find' })
    for (const word of ['Crimson', 'Velvet']) {
      await find.fill(word)
      await page.locator('.found button').first().waitFor()
      await find.press('Enter')
    }
    await page.getByText('median distance').waitFor()
    expect(await page.locator('.facts dd').allInnerTexts()).toEqual([
      expect.stringMatching(/^\d\.\d{4}$/),
      expect.stringMatching(/^-?\d\.\d{4}$/),
      expect.stringMatching(/^\d\.\d{4}$/),
    ])

    await page.getByRole('button', { name: 'Lasso' }).click()
    const box = await page.locator('.map .marks').boundingBox()
    if (!box) throw new Error('the map has a place')
    const corner = (x: number, y: number) => page.mouse.move(box.x + x * box.width, box.y + y * box.height)
    await corner(0.3, 0.3)
    await page.mouse.down()
    for (const [x, y] of [
      [0.7, 0.3],
      [0.7, 0.7],
      [0.3, 0.7],
      [0.3, 0.32],
    ] as const)
      await corner(x, y)
    await page.mouse.up()
    const selected = await page.evaluate(() => window.studio.selected.value.length)
    expect(selected).toBeGreaterThan(20)
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Save as CSV' }).click(),
    ])
    const lines = (await readFile(await download.path(), 'utf8')).trim().split('\n')
    expect(lines[0]).toBe('item,title,genres')
    expect(lines).toHaveLength(selected + 1)
    // What was selected stands before the long history, and its buttons before its items.
    const top = async (text: string) => (await page.locator('.map-side').getByText(text).boundingBox())?.y ?? 0
    expect(await top('Save as CSV')).toBeLessThan(await top('Their '))
    expect(await top('Save as CSV')).toBeLessThan(await top(`and ${selected - 30} more`))
  })
})

test('map: UMAP refines it, and kinds without vectors get one too', async () => {
  await studio({}, async ({ page }) => {
    await withData(page)
    await train(page, 'cml', 3)
    await part(page, 'Taste space')
    await page.getByRole('button', { name: 'Refine by neighbours' }).click()
    await page.getByText(/UMAP of each item's nearest$/).waitFor({ timeout: 25_000 })
    // It has items only: to see the users is to go back to the main directions.
    const users = page.getByLabel('users', { exact: true })
    await users.check()
    await page.getByText('the two main directions').waitFor()
    await page.getByRole('button', { name: 'Refine by neighbours' }).click()
    await page.getByText(/UMAP of each item's nearest$/).waitFor({ timeout: 25_000 })
    expect(await users.isChecked()).toBe(false)
    await train(page, 'item-knn')
    await part(page, 'Taste space')
    await page.getByText(/UMAP of each item's nearest$/).waitFor({ timeout: 25_000 })
  })
})

test('map: of too few items for UMAP, a kind without vectors says why it has none', async () => {
  await studio({}, async ({ page }) => {
    await withData(page)
    const rows = Array.from({ length: 60 }, (_, row) => `u${row % 12},i${(row * 5) % 9}`)
    await choose(page, 'small.csv', `user,item\n${rows.join('\n')}\n`)
    await named(page, 'small.csv')
    await train(page, 'item-knn')
    await part(page, 'Taste space')
    await page.getByText('UMAP, which needs 17 to 30,000 items').waitFor()
    expect(await page.getByRole('button', { name: 'Refine by neighbours' }).count()).toBe(0)
  })
})

test('insides: every kind opens', async () => {
  await studio({}, async ({ page }) => {
    await withData(page)
    const seen: Record<string, string> = {
      cml: '.ball',
      lrml: '.triangle',
      attrec: '.weights',
      sasrec: '.weights',
      'biased-mf': '.histogram',
      bias: '.histogram',
      bpr: '.histogram',
      ials: '.weighted li',
      ease: '.weighted li',
      'item-knn': '.weighted li',
      pop: '.histogram',
    }
    const closed = ['bias', 'ease', 'item-knn', 'pop']
    for (const [kind, picture] of Object.entries(seen)) {
      await train(page, kind, closed.includes(kind) ? undefined : 2)
      await part(page, 'Insides')
      await page.locator(picture).first().waitFor({ timeout: 10_000 })
    }
    expect(await page.evaluate(() => window.studio.problem.value)).toBeUndefined()
  })
}, 90_000)

test('insides: attention over a long history scrolls in its card, from the latest item', async () => {
  await studio({ width: 390 }, async ({ page }) => {
    await withData(page)
    await train(page, 'sasrec', 1)
    await page.evaluate(() => {
      const { data, user } = window.studio
      const rows = [...(data.value?.rowsPerUser ?? [])]
      user.value = data.value?.users[rows.indexOf(Math.max(...rows))]
    })
    await part(page, 'Insides')
    await expect.poll(() => page.locator('.weights thead th').count()).toBeGreaterThan(40)
    const latest = await page.locator('.weights thead th').last().boundingBox()
    expect((latest?.x ?? 999) + (latest?.width ?? 0)).toBeLessThan(390)
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390)
  })
})

test('insides: the triangle of LRML has the lengths that the score is made of', async () => {
  await studio({}, async ({ page }) => {
    await withData(page)
    await train(page, 'lrml', 2)
    await part(page, 'Insides')
    await page.locator('.triangle').waitFor()
    const texts = await page.locator('.triangle .small').allTextContents()
    const [without, withRelation, relation] = texts.map((text) => Number(text.replace(/[()]/g, '')))
    const score = await page.evaluate(async () => {
      const { runs, user } = window.studio
      const [list] = (await runs.value[0]?.model?.recommend([user.value ?? ''], { k: 1 })) ?? []
      return list?.[0]?.score
    })
    expect((withRelation ?? 0) ** 2).toBeCloseTo(-(score ?? 0), 3)
    // Three lengths make a triangle.
    expect(Math.abs((without ?? 0) - (withRelation ?? 0))).toBeLessThanOrEqual((relation ?? 0) + 2e-4)
  })
})

test('insides: GLocal-K shows its kernels and the completed matrix', async () => {
  await studio({}, async ({ page }) => {
    await withData(page)
    await part(page, 'Train')
    await page.locator('input[name="kind"][value="glocal-k"]').check({ force: true })
    await page.getByLabel('hidden', { exact: true }).fill('20, 20')
    await page.getByLabel('hidden', { exact: true }).blur()
    await train(page, 'glocal-k', 2)
    await part(page, 'Insides')
    await page.getByRole('heading', { name: 'The completed matrix' }).waitFor()
    expect(await page.locator('canvas.heat').count()).toBe(5)
    expect(await page.locator('.kernels figcaption').first().innerText()).toMatch(/800 × 20/)
  })
})

test('you: a list on the device gives recommendations by every model, with reasons, and comes back', async () => {
  await studio({}, async ({ page, origin }) => {
    await withData(page)
    await train(page, 'cml', 5)
    await train(page, 'ease')
    await part(page, 'You')
    for (let item = 0; item < 4; item++) await page.locator('.chips button').first().click()
    await page.locator('.column li').first().waitFor()
    expect(await page.locator('.column').count()).toBe(2)
    expect(await page.locator('.column >> nth=0').locator('li').count()).toBe(10)
    await page.locator('.column >> nth=1').locator('summary').first().click()
    await page.locator('.column details[open] p').first().waitFor()

    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Save the list' }).click(),
    ])
    const saved = JSON.parse(await readFile(await download.path(), 'utf8'))
    expect(saved).toHaveLength(4)

    await page.goto(origin)
    await withData(page)
    await part(page, 'You')
    expect(await page.evaluate(() => window.studio.liked.value.map(({ item }) => item))).toEqual(
      saved.map(({ item }: { item: string }) => item),
    )
  })
})

test('you: the attention of attrec over the list grows with it', async () => {
  await studio({}, async ({ page }) => {
    await withData(page)
    await train(page, 'attrec', 2)
    await part(page, 'You')
    const rows = page.locator('.column table.weights').first().locator('tbody tr')
    for (const count of [1, 2, 3]) {
      await page.locator('.chips button').first().click()
      await expect.poll(() => rows.count()).toBe(count)
    }
    const names = await page.evaluate(() => window.studio.liked.value.map(({ title }) => title))
    expect(await rows.locator('th').allInnerTexts()).toEqual(names)
  })
})

test('you: ratings of another scale are left out of a saved list, and a list of other items is refused', async () => {
  await studio({}, async ({ page }) => {
    await withData(page)
    await train(page, 'biased-mf', 2)
    await part(page, 'You')
    const saved = (text: string) =>
      page
        .locator('.you input[type="file"]')
        .setInputFiles({ name: 'my-list.json', mimeType: 'application/json', buffer: Buffer.from(text) })
    await saved('[{"item":"1","rating":1e99},{"item":"2","rating":4}]')
    await page.locator('.column li').first().waitFor()
    expect(await page.evaluate(() => window.studio.liked.value.map(({ rating }) => rating))).toEqual([undefined, 4])
    await saved('[{"item":"nowhere"}]')
    await page.getByRole('alert').getByText('my-list.json is a saved list without an item of Invented films').waitFor()
  })
})

test("you: an export of one's own is matched by titles", async () => {
  await studio({}, async ({ page }) => {
    await withData(page)
    const titles = await page.evaluate(() => window.studio.data.value?.titles.slice(0, 3) ?? [])
    const rows = titles.map((title) => {
      const [, name, year] = /^(.*) \((\d+)\)$/.exec(title) ?? []
      return `2024-01-01,${name},${year},https://example.org,4.5`
    })
    const text = `Date,Name,Year,Letterboxd URI,Rating\n${rows.join('\n')}\n2024-01-01,No Such Film,1999,https://example.org,2\n`
    await choose(page, 'ratings.csv', text)
    await page.waitForFunction(() => window.studio.tab.value === 'you')
    await page.waitForFunction(() => window.studio.liked.value.length === 3)
    // 4.5 of 0.5 to 5 lies between two of the ratings from 1 to 5.
    const shown = page.getByLabel(/^Rating of/).locator('option:checked')
    expect(await shown.allInnerTexts()).toEqual(['4.56', '4.56', '4.56'])
    await page.getByText('1 title is not in Invented films').waitFor()
  })
})

test('take it with you: the model loads in Node with the same lists, the program makes the same bits', async () => {
  await studio({}, async ({ page }) => {
    await withData(page)
    await train(page, 'cml', 4)
    await part(page, 'Take it with you')
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download the model' }).click(),
    ])
    const bytes = await readFile(await download.path())
    const user = '17'
    const there = await page.evaluate((id) => window.studio.runs.value[0]?.model?.recommend([id], { k: 10 }), user)
    const model = await loadModel(bytes)
    expect(await model.recommend([user], { k: 10 })).toEqual(there)

    const program = await page.getByLabel('Program').inputValue()
    expect(program).toContain("createModel('cml')")
    const data = await Dataset.synthetic({
      users: 800,
      items: 500,
      ratings: 24_000,
      genres: 6,
      activity: 0.5,
      choice: 10,
      popularity: 0.4,
      sequence: 0.4,
    })
    const { train: rows } = await data.split({ by: 'leave-one-out', validation: true })
    const own = await CML.create()
    await own.fit(rows, { epochs: 4 })
    expect(Buffer.from(await own.toBytes()).equals(bytes)).toBe(true)
  })
})

test('take it with you: the program that is printed makes the same file', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tastespace-program-'))
  try {
    await studio({}, async ({ page }) => {
      await withData(page)
      await train(page, 'cml', 4)
      await train(page, 'bpr')
      const rows = Array.from({ length: 400 }, (_, row) => `u${row % 40},i${(row * 7) % 31},${(row % 5) + 1}`)
      const files = {
        'mine.csv': `user,item,rating\n${rows.join('\n')}\n`,
        'movies.csv': 'item,title\ni0,Night Train\n',
      }
      const programs = [await printed(page, 0), await printed(page, 1)]
      await part(page, 'Data')
      await page
        .locator('.drop input[type="file"]')
        .setInputFiles(
          Object.entries(files).map(([name, text]) => ({ name, mimeType: 'text/csv', buffer: Buffer.from(text) })),
        )
      await page.waitForFunction(() => window.studio.data.value?.titles.includes('Night Train'))
      await page.getByLabel('Held out for the test').selectOption('user:0.1')
      await page.waitForFunction(() => window.studio.data.value?.split === 'user:0.1')
      await train(page, 'ease')
      programs.push(await printed(page, 0))
      for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
      for (const { program, hash } of programs) {
        const library = new URL('../../dist/index.mjs', import.meta.url).href
        await writeFile(join(folder, 'program.mjs'), program.replace("'tastespace'", JSON.stringify(library)))
        execFileSync(process.execPath, ['program.mjs'], { cwd: folder })
        const digest = await crypto.subtle.digest('SHA-256', await readFile(join(folder, 'model.safetensors')))
        expect([program, Buffer.from(digest).toString('hex')]).toEqual([program, hash])
      }
    })
  } finally {
    rmSync(folder, { recursive: true })
  }
}, 60_000)

/** The program of a run, and the hash of its model. */
async function printed(page: Page, run: number): Promise<{ program: string; hash: string | undefined }> {
  const hash = await page.evaluate((place) => {
    const { runs, chosen, tab } = window.studio
    chosen.value = runs.value[place]?.id
    tab.value = 'take'
    return runs.value[place]?.hash
  }, run)
  return { program: await page.getByLabel('Program').inputValue(), hash }
}

test('take it with you: the report is the page of compare', async () => {
  await studio({}, async ({ page }) => {
    await withData(page)
    await train(page, 'pop')
    await train(page, 'ease')
    await part(page, 'Take it with you')
    const [download] = await Promise.all([
      page.waitForEvent('download', { timeout: 60_000 }),
      page.getByRole('button', { name: 'Make the report' }).click(),
    ])
    const report = await readFile(await download.path(), 'utf8')
    expect(report).toContain('<title>Models compared on Invented films</title>')
    expect(report).toContain('Chrome')
  })
}, 90_000)

const ml100k = fileURLToPath(new URL('../../../shared/data/ml-100k/u.data', import.meta.url))

test.skipIf(!existsSync(ml100k))(
  'ML-100K: the model of the page is that of Node, bit for bit',
  async () => {
    await studio({}, async ({ page }) => {
      await withData(page)
      await page.locator('input[type="file"]').first().setInputFiles(ml100k)
      await page.waitForFunction(() => window.studio.data.value?.name === 'u.data', null, { timeout: 30_000 })
      await train(page, 'cml', 3)
      const hash = await page.evaluate(() => window.studio.runs.value[0]?.hash)
      const data = await Dataset.fromFile(ml100k)
      const { train: rows } = await data.split({ by: 'leave-one-out', validation: true })
      const model = await CML.create()
      await model.fit(rows, { epochs: 3 })
      const digest = await crypto.subtle.digest('SHA-256', new Uint8Array(await model.toBytes()))
      expect(hash).toBe(Buffer.from(digest).toString('hex'))
    })
  },
  90_000,
)

/** Chooses a file, as a person does by the button. */
function choose(page: Page, name: string, content: string | Buffer): Promise<void> {
  return part(page, 'Data').then(() =>
    page
      .locator('.drop input[type="file"]')
      .setInputFiles({ name, mimeType: 'text/plain', buffer: Buffer.from(content) }),
  )
}

/** Waits until the data of a file is there. */
async function named(page: Page, name: string): Promise<void> {
  await page.waitForFunction((wanted) => window.studio.data.value?.name === wanted, name, { timeout: 20_000 })
}
