import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { serve } from '../../scripts/lib/server.mjs'
import { root, withPage } from './support.ts'

/** Starts an engine and has its threads counted; tells its build and them, or why there is no engine. */
function start(page: Page): Promise<unknown> {
  return page.evaluate(() =>
    window.tastespace.createEngine({ threads: 2 }).then(
      async (engine) => [engine.build, await engine.call('probeThreads')],
      (error) => error.toJSON(),
    ),
  )
}

test.each([true, false])('a server that knows no WebAssembly will do (isolated: %s)', (isolated) =>
  withPage({ isolated, types: { '.wasm': 'application/octet-stream' } }, async (page) => {
    expect(await start(page)).toEqual(isolated ? ['mt', 2] : ['st', 1])
  }),
)

test.each([true, false])('the library may come from another origin (isolated: %s)', async (isolated) => {
  const cdn = await serve(root, { shared: true })
  try {
    await withPage({ isolated, from: cdn.origin }, async (page) => {
      expect(await start(page)).toEqual(isolated ? ['mt', 2] : ['st', 1])
    })
  } finally {
    await cdn.close()
  }
})

test('a build that is not there is named, with the answer of its server', () =>
  withPage({ missing: ['/dist/st/tastespace_wasm_bg.wasm'] }, async (page) => {
    expect(await start(page)).toMatchObject({
      code: 'engine/not-started',
      message: expect.stringMatching(/st\/tastespace_wasm_bg\.wasm cannot be loaded: 404/),
    })
  }))

test('without its threaded build the engine has one thread, and says why', () =>
  withPage({ isolated: true, missing: ['/dist/mt/tastespace_wasm_bg.wasm'] }, async (page) => {
    const warning = page.waitForEvent('console')
    expect(await start(page)).toEqual(['st', 1])
    expect((await warning).text()).toMatch(/mt\/tastespace_wasm_bg\.wasm cannot be loaded: 404/)
  }))

test('a worker whose script cannot be loaded says so', () =>
  withPage({ missing: ['/dist/engine-browser.mjs'] }, async (page) => {
    expect(await start(page)).toMatchObject({
      code: 'engine/not-started',
      message: expect.stringContaining('the script of its worker could not be loaded'),
    })
  }))
