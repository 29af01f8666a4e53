import { runColour } from '../colours.ts'
import { counted, duration, metric, short } from '../numbers.ts'
import { Compared } from '../take/compared.tsx'
import { pause, remove, resume, stop } from './queue.ts'
import type { Run } from './run.ts'
import { secondsPerEpoch } from './speed.ts'

/** What the training is doing: epoch, speed, time left, and its buttons. */
export function RunStatus({ run }: { run: Run }) {
  const last = run.reports.at(-1)
  const busy = run.phase === 'training' || run.phase === 'paused'
  return (
    <section class="card status" aria-live="polite">
      <h2>
        <span class="dot" style={{ background: runColour(run.id) }} /> {run.name}
      </h2>
      <p>{sentence(run)}</p>
      <Compared run={run} />
      {busy && (
        <progress aria-label={`Training of ${run.name}`} max={last?.epochs ?? 1} {...(last && { value: last.epoch })} />
      )}
      {run.error && (
        <p class="wrong" role="alert">
          {run.error.message} <code>{run.error.code}</code>
        </p>
      )}
      <p class="buttons">
        {run.phase === 'training' && (
          <button type="button" onClick={() => pause(run.id)}>
            Pause
          </button>
        )}
        {run.phase === 'paused' && (
          <button type="button" class="primary" onClick={() => resume(run.id)}>
            Resume
          </button>
        )}
        {busy && (
          <button type="button" onClick={() => stop(run.id)}>
            Stop and keep the best
          </button>
        )}
        {(run.phase === 'done' || run.phase === 'failed') && (
          <button type="button" onClick={() => remove(run.id)}>
            Remove
          </button>
        )}
      </p>
    </section>
  )
}

function sentence(run: Run): string {
  const last = run.reports.at(-1)
  if (run.phase === 'waiting') return 'Queued.'
  if (run.phase === 'failed') return 'Training failed.'
  if (run.phase === 'measuring') return 'Evaluating on the held-out interactions.'
  if (run.phase === 'done') {
    const why = {
      epochs: '',
      patience: ', until the validation metric stopped improving',
      aborted: ', until it was stopped',
    }
    const fitted = run.reports.filter(({ phase }) => phase === 'fit').length
    const best = (run.trainedEpochs ?? 0) < fitted ? ` (the best of ${fitted})` : ''
    return `Trained for ${counted(run.trainedEpochs ?? 0, 'epoch')}${best} in ${duration(run.seconds ?? 0)}${why[run.stopped ?? 'epochs']}.`
  }
  if (!last) return 'Starting.'
  const { epoch, epochs, rows, phase, bestEpoch, validation, metric: name } = last
  const pace = secondsPerEpoch(run.reports)
  const parts = [
    `${phase === 'refit' ? 'Refit on training and validation data: epoch' : 'Epoch'} ${epoch} of ${phase === 'refit' ? '' : 'at most '}${epochs}`,
    validation && `best ${name.toUpperCase()} ${metric(bestOf(run, name))} in epoch ${bestEpoch}`,
    `${short(rows / Math.max(pace, 1e-6))} interactions/s`,
    run.phase === 'paused'
      ? 'paused'
      : `${phase === 'refit' ? '' : 'at most '}${duration((epochs - epoch) * pace)} left`,
  ]
  return parts.filter(Boolean).join(' · ')
}

function bestOf({ reports }: Run, name: string): number | undefined {
  const last = reports.at(-1)
  return reports.find(({ epoch, phase }) => phase === last?.phase && epoch === last.bestEpoch)?.validation?.values[name]
}
