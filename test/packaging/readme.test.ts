import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { install, MINUTES, pack, runIn } from './support.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const folder = await install('node-esm', await pack())

// Only the libraries of the target: the declarations of the package reference the others that they need.
const compilerOptions = { noEmit: true, strict: true, module: 'nodenext', target: 'es2022', types: [] }
await writeFile(`${folder}/tsconfig.json`, JSON.stringify({ compilerOptions, files: ['example.mts'] }))

/** The TypeScript examples of a document that are complete programs. */
async function examplesIn(document: string): Promise<string[]> {
  const text = await readFile(root + document, 'utf8')
  const blocks = [...text.matchAll(/^```ts\n([\s\S]*?)^```/gm)].map(([, block = '']) => block)
  return blocks.filter((block) => block.startsWith('import '))
}

test.each([
  'README.md',
  'docs/evaluation.md',
  'docs/tuning.md',
  'docs/exporting.md',
  'docs/in-the-page.md',
  'docs/sessions.md',
  'docs/play-counts.md',
])('the examples of %s run as printed', { timeout: MINUTES }, async (document) => {
  const examples = await examplesIn(document)
  expect(examples.length).toBeGreaterThan(0)
  for (const example of examples) {
    // Examples have no type annotations, so that they are JavaScript too.
    await writeFile(`${folder}/example.mjs`, example)
    expect(await runIn(folder, 'node', 'example.mjs')).toMatch(/ndcg@10|rmse/)
    await writeFile(`${folder}/example.mts`, example)
    await runIn(folder, `${root}node_modules/.bin/tsc`, '--project', '.')
  }
})
