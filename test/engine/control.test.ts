import { expect, test } from 'vitest'
import { type TestEngine, withEngine } from './support.ts'

/** So many looks at the flag take seconds: a call that ends before was cancelled. */
const LONG = 4e9

/** Resolves when the call under way says that it has begun. */
async function begun(engine: TestEngine): Promise<void> {
  while (engine.progress() === 0) await new Promise((resolve) => setTimeout(resolve, 1))
}

test('a signal reaches the call under way, and no later one', () =>
  withEngine({ threads: 2 }, async (engine) => {
    const controller = new AbortController()
    const running = engine.callUntil(controller.signal, 'probeCancel', LONG)
    await begun(engine)
    controller.abort()
    expect(await running).toBe(true)
    expect(await engine.call('probeCancel', 1000)).toBe(false)
    expect(engine.progress()).toBe(0)
  }))

test('a signal takes a waiting call back and leaves the one under way alone', () =>
  withEngine({ threads: 2 }, async (engine) => {
    const [first, second] = [new AbortController(), new AbortController()]
    const running = engine.callUntil(first.signal, 'probeCancel', LONG)
    const waiting = engine.callUntil(second.signal, 'probeCancel', LONG)
    await begun(engine)
    second.abort()
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' })
    expect(engine.progress()).toBe(1)
    first.abort()
    expect(await running).toBe(true)
  }))

test('a signal that was set before keeps the call from being made', () =>
  withEngine({ build: 'st' }, async (engine) => {
    await expect(engine.callUntil(AbortSignal.abort(), 'probeThreads')).rejects.toMatchObject({ name: 'AbortError' })
  }))
