import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { serve } from '../../scripts/lib/server.mjs'
import { root, withPage } from './support.ts'

/** Starts an engine; returns its build and the number of threads that work, or the error. */
function start(page: Page): Promise<unknown> {
  return page.evaluate(() =>
    window.tastespace.createEngine({ threads: 2 }).then(
      async (engine) => [engine.build, await engine.call('probeThreads')],
      (error) => error.toJSON(),
    ),
  )
}

test.each([true, false])('loads from a server without the WebAssembly media type (isolated: %s)', (isolated) =>
  withPage({ isolated, types: { '.wasm': 'application/octet-stream' } }, async (page) => {
    expect(await start(page)).toEqual(isolated ? ['mt', 2] : ['st', 1])
  }),
)

test.each([true, false])('loads the library from another origin (isolated: %s)', async (isolated) => {
  const cdn = await serve(root, { shared: true })
  try {
    await withPage({ isolated, from: cdn.origin }, async (page) => {
      expect(await start(page)).toEqual(isolated ? ['mt', 2] : ['st', 1])
    })
  } finally {
    await cdn.close()
  }
})

test('reports the path of a missing build and the status code of the server', () =>
  withPage({ missing: ['/dist/st/tastespace_wasm_bg.wasm'] }, async (page) => {
    expect(await start(page)).toMatchObject({
      code: 'engine/not-started',
      message: expect.stringMatching(/st\/tastespace_wasm_bg\.wasm cannot be loaded: 404/),
    })
  }))

test('without its threaded build the engine has one thread, and reports why', () =>
  withPage({ isolated: true, missing: ['/dist/mt/tastespace_wasm_bg.wasm'] }, async (page) => {
    const warning = page.waitForEvent('console')
    expect(await start(page)).toEqual(['st', 1])
    expect((await warning).text()).toMatch(/mt\/tastespace_wasm_bg\.wasm cannot be loaded: 404/)
  }))

test('reports that the script of a worker cannot be loaded', () =>
  withPage({ missing: ['/dist/engine-browser.mjs'] }, async (page) => {
    expect(await start(page)).toMatchObject({
      code: 'engine/not-started',
      message: expect.stringContaining('the script of its worker could not be loaded'),
    })
  }))
