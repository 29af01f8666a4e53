import { expect, test } from 'vitest'
import { type TestEngine, withEngine } from './support.ts'

/** Polling the flag this often takes seconds: a call that ends earlier was cancelled. */
const LONG = 4e9

/** Resolves when the running call reports that it has begun. */
async function begun(engine: TestEngine): Promise<void> {
  while (engine.progress() === 0) await new Promise((resolve) => setTimeout(resolve, 1))
}

test('a signal cancels the running call and no later one', () =>
  withEngine({ threads: 2 }, async (engine) => {
    const controller = new AbortController()
    const running = engine.callUntil(controller.signal, 'probeCancel', LONG)
    await begun(engine)
    controller.abort()
    expect(await running).toBe(true)
    expect(await engine.call('probeCancel', 1000)).toBe(false)
    expect(engine.progress()).toBe(0)
  }))

test('a signal cancels a waiting call without affecting the running one', () =>
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

test('a signal that is already aborted prevents the call', () =>
  withEngine({ build: 'st' }, async (engine) => {
    await expect(engine.callUntil(AbortSignal.abort(), 'probeThreads')).rejects.toMatchObject({ name: 'AbortError' })
  }))

test('a call whose answer nobody waits for rejects at once, and the next one runs after it', () =>
  withEngine({ threads: 2 }, async (engine) => {
    const controller = new AbortController()
    const running = engine.callWhile(controller.signal, 'probeCancel', LONG)
    await begun(engine)
    const later = engine.call('probeCancel', 1000)
    controller.abort()
    await expect(running).rejects.toMatchObject({ name: 'AbortError' })
    expect(await later).toBe(false)
  }))
