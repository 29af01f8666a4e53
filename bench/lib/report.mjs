// Results as text: a table of the engines, one of ratios, and the bars.
import { pairedRatio, spread } from './statistics.mjs'

/**
 * @typedef {object} Result  of an engine on a number of threads
 * @property {string} name
 * @property {string} engine
 * @property {number} threads
 * @property {string} label
 * @property {boolean} ours
 * @property {import('./engine.mjs').Outcome[]} runs  one per repetition; none if it was skipped or wrong
 * @property {number} repeated   runs that failed or hung and were repeated
 * @property {string} [skipped]  why
 * @property {string} [wrong]    why its answer is not accepted
 */

/** Ratings a second, of each repetition. @param {Result} result */
export const rates = ({ runs }) => runs.map(({ rows, seconds }) => rows / seconds)

const millions = (rate) => (rate / 1e6).toFixed(rate < 1e7 ? 2 : 1)

/** @param {Result[]} results */
export function report({ title, answer, bars }, results) {
  const counted = results.filter(({ runs }) => runs.length > 0)
  const parts = [title, table([HEAD, ...counted.map((result) => row(result, answer.metric))])]
  const [ours, peers] = [counted.filter((result) => result.ours), counted.filter((result) => !result.ours)]
  if (peers.length > 0)
    parts.push(`Speed of ours as a multiple of (medians of paired repetitions)\n${ratios(ours, peers)}`)
  const disturbed = counted.filter(({ threads, runs }) => threads === 1 && busy(runs) < 0.95)
  if (disturbed.length > 0) {
    parts.push(`disturbed, with less than a whole core to itself: ${disturbed.map(({ name }) => name).join(', ')}`)
  }
  for (const { name, repeated } of results) {
    if (repeated > 0) parts.push(`${name}: failed or hung ${repeated} times, and was run again`)
  }
  const left = results.filter(({ skipped, wrong }) => skipped || wrong)
  if (left.length > 0) {
    parts.push(
      left
        .map(({ name, skipped, wrong }) => `${name}: ${wrong ? `WRONG, ${wrong}` : `skipped, ${skipped}`}`)
        .join('\n'),
    )
  }
  if (bars.length > 0) parts.push(bars.map((bar) => held(bar, counted)).join('\n'))
  return parts.join('\n\n')
}

const HEAD = ['engine', 'M ratings/s', 'min', 'max', 'ms a pass', 'CPU / wall', 'peak MiB', 'answer']

/** Number of busy cores. */
const busy = (runs) => spread(runs.map(({ cpu, seconds }) => cpu / seconds)).median

function row(result, metric) {
  const { runs, name } = result
  const { median, min, max } = spread(rates(result))
  const epoch = spread(runs.map(({ seconds, rows, all }) => (seconds / rows) * all * 1000)).median
  const peak = Math.max(...runs.map(({ peakMemory }) => peakMemory)) / 2 ** 20
  const answers = spread(runs.map(({ quality }) => quality[metric]))
  return [
    name,
    ...[median, min, max].map(millions),
    epoch.toFixed(2),
    busy(runs).toFixed(2),
    peak.toFixed(0),
    `${metric} ${answers.median.toFixed(4)}`,
  ]
}

function ratios(ours, peers) {
  const ratio = (own, peer) => pairedRatio(rates(own), rates(peer)).toFixed(2)
  return table([
    ['', ...peers.map(({ name }) => name)],
    ...ours.map((own) => [own.name, ...peers.map((peer) => ratio(own, peer))]),
  ])
}

function held({ of, over, atLeast }, results) {
  const [own, other] = [of, over].map((name) => results.find((result) => result.name === name))
  const bar = `${of} at least ${atLeast} of ${over}`
  if (!own || !other) return `bar not measured: ${bar}`
  const ratio = pairedRatio(rates(own), rates(other))
  return `bar ${ratio >= atLeast ? 'held' : 'MISSED'}: ${bar}: ${ratio.toFixed(2)}`
}

/** Columns side by side, the first aligned left. */
export function table(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => String(row[column]).length)))
  const cell = (text, column) => (column === 0 ? String(text).padEnd(widths[0]) : String(text).padStart(widths[column]))
  return rows.map((row) => `  ${row.map(cell).join('  ')}`).join('\n')
}
