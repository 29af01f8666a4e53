import { useSignal } from '@preact/signals'
import { runColour } from '../colours.ts'
import { duration, metric } from '../numbers.ts'
import { state } from '../state.ts'
import { stop } from './queue.ts'
import type { Run } from './run.ts'

interface Column {
  readonly name: string
  readonly title: string
  readonly smallerIsBetter?: boolean
}

const COLUMNS: readonly Column[] = [
  { name: 'ndcg@10', title: 'NDCG@10' },
  { name: 'hr@10', title: 'HR@10' },
  { name: 'mrr', title: 'MRR' },
  { name: 'coverage@10', title: 'Coverage' },
  { name: 'rmse', title: 'RMSE', smallerIsBetter: true },
]

/** The models so far, measured on the same held-out interactions by full ranking. */
export function RunTable({ runs }: { runs: readonly Run[] }) {
  const by = useSignal('ndcg@10')
  const columns = COLUMNS.filter(({ name }) => runs.some(({ metrics }) => name in metrics))
  const sorting = COLUMNS.find(({ name }) => name === by.value)
  const sorted = [...runs].sort((a, b) => order(sorting, a, b) || a.id - b.id)
  const highest = Math.max(1e-9, ...runs.map(({ intervals }) => intervals['ndcg@10']?.high ?? 0))
  return (
    <section class="card">
      <h2>
        {columns.length > 0 || state.data.value?.parts.test
          ? 'All models, evaluated by ranking all items'
          : 'All models'}
      </h2>
      {!state.data.value?.parts.test && <p class="hint">Nothing is held out, so no model is evaluated.</p>}
      <div class="scroll">
        <table class="runs">
          <thead>
            <tr>
              <th>model</th>
              {columns.map((column) => (
                <th key={column.name} aria-sort={column.name === by.value ? 'descending' : 'none'}>
                  <button
                    type="button"
                    class="quiet"
                    onClick={() => {
                      by.value = column.name
                    }}
                  >
                    {column.title}
                  </button>
                </th>
              ))}
              <th>95 % interval of NDCG@10</th>
              <th>epochs</th>
              <th>time</th>
            </tr>
          </thead>
          <tbody>
            {sorted.map((run) => (
              <tr key={run.id} class={run.id === state.chosen.value ? 'chosen' : ''}>
                <td>
                  <button
                    type="button"
                    class="quiet name"
                    aria-pressed={run.id === state.chosen.value}
                    onClick={() => {
                      state.chosen.value = run.id
                    }}
                  >
                    <span class="dot" style={{ background: runColour(run.id) }} /> {run.name}
                  </button>
                </td>
                {columns.map(({ name }) => (
                  <td key={name} class={isBest(runs, run, name) ? 'number best' : 'number'}>
                    {metric(run.metrics[name])}
                  </td>
                ))}
                <td>{run.phase === 'done' ? <IntervalBar run={run} highest={highest} /> : <Phase run={run} />}</td>
                <td class="number">{run.trainedEpochs ?? run.reports.at(-1)?.epoch ?? ''}</td>
                <td class="number">{run.seconds === undefined ? '' : duration(run.seconds)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}

/** What a run without figures does; one that waits can leave the queue while another trains. */
function Phase({ run: { id, name, phase } }: { run: Run }) {
  if (phase !== 'waiting') return <>{phase}</>
  return (
    <>
      waiting{' '}
      <button type="button" class="quiet" aria-label={`Remove ${name} from the queue`} onClick={() => stop(id)}>
        ×
      </button>
    </>
  )
}

function order(column: Column | undefined, a: Run, b: Run): number {
  if (!column) return 0
  const [first, second] = [a.metrics[column.name], b.metrics[column.name]]
  if (first === undefined || second === undefined) return Number(first === undefined) - Number(second === undefined)
  return column.smallerIsBetter ? first - second : second - first
}

function isBest(runs: readonly Run[], run: Run, name: string): boolean {
  const values = runs.map(({ metrics }) => metrics[name]).filter((value) => value !== undefined)
  if (values.length < 2) return false
  return run.metrics[name] === (name === 'rmse' ? Math.min(...values) : Math.max(...values))
}

function IntervalBar({ run: { id, intervals }, highest }: { run: Run; highest: number }) {
  const interval = intervals['ndcg@10']
  if (!interval) return null
  const at = (value: number) => `${(100 * value) / highest}%`
  const text = `${metric(interval.low)} to ${metric(interval.high)}`
  return (
    <span class="interval" title={text}>
      <span
        class="range"
        style={{ left: at(interval.low), width: at(interval.high - interval.low), background: runColour(id) }}
      />
      <span class="estimate" style={{ left: at(interval.estimate) }} />
      <span class="unseen">{text}</span>
    </span>
  )
}
