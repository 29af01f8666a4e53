import { expect, test } from 'vitest'
import { drive } from './driver.ts'

/** `npm run fuzz -- SECONDS SEED` runs as long as asked. */
const seconds = Number(process.env.FUZZ_SECONDS ?? 30)
const seed = Number(process.env.FUZZ_SEED ?? 1)

test(
  'random calls, aborts, disposals and broken files never break an engine, hang, or fail without an error of the library',
  async () => {
    const { calls, refused, faults } = await drive(seed, seconds * 1000)
    expect(faults).toEqual([])
    // Most kinds of calls were made, and most kinds of them succeeded.
    expect(calls.size).toBeGreaterThan(12)
    const all = [...calls.values()].reduce((a, b) => a + b, 0)
    const errors = [...refused.values()].reduce((a, b) => a + b, 0)
    if (process.env.FUZZ_SECONDS)
      console.log(`${all} calls, ${errors} refused`, Object.fromEntries(calls), Object.fromEntries(refused))
    expect(errors).toBeLessThan(all)
  },
  (seconds + 60) * 1000,
)
