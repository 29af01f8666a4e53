// The example of docs/in-the-page.md, in a page.
import { readFile } from 'node:fs/promises'
import { CML, Dataset } from 'tastespace'
import { expect, test } from 'vitest'
import { root, withPage } from './support.ts'

test.each([{ isolated: true }, { isolated: false }])(
  'a page recommends from a model without users (isolated: $isolated)',
  async ({ isolated }) => {
    const model = await CML.create({ factors: 8 })
    await model.fit(await Dataset.synthetic({ users: 60, items: 40, ratings: 900 }), { epochs: 3 })
    const bytes = await model.toBytes({ users: false })
    const liked = ['3', '17', '30']
    const expected = await model.recommendFor(
      liked.map((item) => ({ item })),
      { k: 10 },
    )
    const text = await readFile(new URL('docs/in-the-page.md', root), 'utf8')
    const [, example = ''] = /^```js\n([\s\S]*?)^```/m.exec(text) ?? []
    const script = example.replace("import { loadModel } from 'tastespace'", 'const { loadModel } = window.tastespace')
    expect(script).not.toBe(example)
    await withPage({ isolated }, async (page) => {
      await page.route('**/model.safetensors', (route) => route.fulfill({ body: Buffer.from(bytes) }))
      await page.evaluate((liked) => {
        localStorage.setItem('liked', JSON.stringify(liked))
        document.body.append(document.createElement('ol'))
      }, liked)
      await page.addScriptTag({ type: 'module', content: script })
      await page.waitForFunction(() => document.querySelectorAll('ol li').length > 0)
      expect(await page.locator('ol li').allTextContents()).toEqual(expected.map(({ title, item }) => title ?? item))
    })
  },
)
