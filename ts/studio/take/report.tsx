import { useSignal } from '@preact/signals'
import { compare } from 'tastespace'
import type { Data } from '../data/data.ts'
import { shown } from '../errors.ts'
import { download } from '../parts/download.ts'
import { state } from '../state.ts'

/** The report of `compare`, which trains the models again to test their differences. */
export function Report({ data }: { data: Data }) {
  const step = useSignal('')
  const abort = useSignal<AbortController | undefined>(undefined)
  const runs = state.runs.value.filter(({ phase, seed }) => phase === 'done' && seed === 0)
  const make = () =>
    shown(async () => {
      const { recordingOf, reportOf } = await import('tastespace/report')
      abort.value = new AbortController()
      try {
        const recording = await recordingOf(data.parts, { data: data.dataset })
        const names = new Set<string>()
        const models = runs.flatMap(({ kind, name, options }) => {
          if (names.has(name)) return []
          names.add(name)
          return [{ kind, name, options }]
        })
        const comparison = await compare(data.parts, {
          models,
          k: [10],
          signal: abort.value.signal,
          onModel: recording.onModel,
          onStart: ({ model, run, runs: of }) => {
            step.value = `Training ${model}, ${run} of ${of}`
          },
        })
        if (comparison.aborted) {
          step.value = 'Stopped.'
          return
        }
        const report = reportOf(comparison, { name: data.name, recording, split: data.split })
        download('report.html', 'text/html', await report.toHTML())
        step.value = 'report.html'
      } finally {
        abort.value = undefined
      }
    })
  return (
    <section class="card">
      <h2>The report</h2>
      <p>
        One page with every metric, intervals, paired tests, recommendations for three users and pictures. It trains the
        models in the table once more, as <code>npx tastespace compare</code> does.
      </p>
      <p class="buttons">
        <button type="button" disabled={abort.value !== undefined || runs.length < 1} onClick={() => void make()}>
          Make the report
        </button>
        {abort.value && (
          <button type="button" onClick={() => abort.value?.abort()}>
            Stop
          </button>
        )}
      </p>
      {step.value && (
        <p class="hint" role="status">
          {step.value}
        </p>
      )}
    </section>
  )
}
