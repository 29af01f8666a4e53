import { SmallMap } from '../map/small.tsx'
import { state } from '../state.ts'
import { Curves } from './curves.tsx'
import { TrainForm } from './form.tsx'
import { enqueue, runOf } from './queue.ts'
import { RunStatus } from './status.tsx'
import { RunTable } from './table.tsx'

export function TrainPart() {
  const runs = state.runs.value
  const current = runs.find(({ phase }) => phase === 'training' || phase === 'paused' || phase === 'measuring')
  const chosen = runOf(state.chosen.value) ?? runs.at(-1)
  const shown = current ?? chosen
  return (
    <>
      <TrainForm />
      <div class="results">
        {shown ? (
          <>
            <RunStatus run={shown} />
            {chosen && chosen !== shown && chosen.phase !== 'waiting' && <RunStatus run={chosen} />}
            <div class="pictures">
              <Curves runs={runs} />
              <SmallMap />
            </div>
            <RunTable runs={runs} />
          </>
        ) : (
          <section class="card empty">
            <p>
              Choose a model and train it. Its loss, validation metric and taste space are drawn after every epoch. A
              table compares all trained models on the same held-out interactions.
            </p>
            <button type="button" onClick={() => trainAll()}>
              Train CML and its baselines
            </button>
          </section>
        )}
      </div>
    </>
  )
}

/** A first look: the metric model beside what is cheap and strong. */
function trainAll(): void {
  const { seed } = state.form.value
  for (const kind of ['cml', 'pop', 'item-knn', 'ease', 'ials'] as const) {
    enqueue({ kind, options: {}, seed, epochs: undefined })
  }
}
