// Results of long scripts, kept in the cache one line each with the seconds they took, so that a stopped run goes on. At its end
// a script prints the seconds of all results it used.
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { hashOf } from '../../scripts/lib/stamp.mjs'
import { cached } from './cache.mjs'

/** What a result of the library depends on. */
const CORE = ['crates/models/src', 'crates/kernels/src', 'crates/optim/src', 'crates/data/src', 'ts/models']

/**
 * Results by key, of this state of the library and of `sources`: `await once(key, compute)` computes a result that is missing. `undefined`
 * is not kept.
 * @param {string} name  folder of the cache
 * @param {string[]} [sources]  further files that the results depend on
 */
export function remembered(name, sources = []) {
  const folder = cached(name)
  mkdirSync(folder, { recursive: true })
  const keep = (path) => !path.includes('node_modules')
  const file = join(folder, `${hashOf([...CORE, ...sources], { keep }).slice(0, 12)}.jsonl`)
  const lines = existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n').filter(Boolean) : []
  const known = new Map(lines.map((line) => JSON.parse(line)).map(([text, ...found]) => [text, found]))
  const used = new Map()
  process.on('exit', () => {
    const minutes = [...used.values()].reduce((sum, seconds) => sum + seconds, 0) / 60
    process.stderr.write(`${name}: ${used.size} results, computed in ${minutes.toFixed(1)} minutes\n`)
  })
  /** @param {unknown[]} key  @param {() => Promise<unknown>} compute */
  return async (key, compute) => {
    const text = JSON.stringify(key)
    if (!known.has(text)) {
      const started = performance.now()
      const result = await compute()
      if (result === undefined) return
      const found = [result, Math.round(performance.now() - started) / 1000]
      known.set(text, found)
      appendFileSync(file, `${JSON.stringify([text, ...found])}\n`)
    }
    const [result, seconds] = known.get(text)
    used.set(text, seconds)
    return result
  }
}
