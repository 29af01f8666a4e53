import { readFileSync } from 'node:fs'
import { createHandler } from 'tastespace/serve'
import { expect, test } from 'vitest'
import { answered, post, trained } from './support.ts'

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
const text = read('docs/serving.md')

test('docs/serving.md has the examples as they are', () => {
  const blocks = [...text.matchAll(/^```(?:js|ts)\n([\s\S]*?)^```/gm)].map(([, block]) => block)
  const next = ['next/next.config.mjs', 'next/app/api/recommendations/[...path]/route.ts']
  for (const name of ['express.mjs', 'fastify.mjs', 'hono.mjs', ...next, 'deno.ts', 'bun.ts']) {
    expect(blocks, name).toContain(read(`examples/serve/${name}`))
  }
})

test('docs/edge.md has the example as it is', () => {
  const page = read('docs/edge.md')
  expect(page).toContain(`\`\`\`js\n${read('examples/edge/worker.js')}\`\`\``)
  expect(page).toContain(`\`\`\`toml\n${read('examples/edge/wrangler.toml')}\`\`\``)
})

test('the requests of docs/serving.md are answered', async () => {
  const handler = createHandler(await trained())
  const commands = [...text.matchAll(/^curl '?localhost:8080(\/[^\s']*)'?(?:.*? -d '([^']*)')?/gm)]
  expect(commands.length).toBe(7)
  for (const [command, path = '', body] of commands) {
    const answer = body
      ? await post(handler, path, body)
      : await answered(handler, new Request(`http://localhost${path}`))
    expect(answer.status, command).toBe(200)
  }
})
