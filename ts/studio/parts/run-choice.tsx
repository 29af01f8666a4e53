import { state } from '../state.ts'
import { chosenRun } from '../train/queue.ts'
import { answers } from '../train/run.ts'

/** Chooses the model that a part of the page shows. */
export function RunChoice() {
  const runs = state.runs.value.filter(answers)
  if (runs.length === 0) return null
  return (
    <label class="run-choice">
      <span>Model</span>
      <select
        value={String(chosenRun()?.id ?? '')}
        onChange={(event) => {
          state.chosen.value = Number(event.currentTarget.value)
        }}
      >
        {runs.map(({ id, name, phase }) => (
          <option key={id} value={String(id)}>
            {phase === 'done' ? name : `${name} (in training)`}
          </option>
        ))}
      </select>
    </label>
  )
}

/** What stands where a model is needed and none is there. */
export function NoModel({ what }: { what: string }) {
  return (
    <section class="card empty">
      <p>
        {what} needs a trained model
        {state.runs.value.some(({ phase }) => phase !== 'failed') && '; the first one is still training'}.
      </p>
      <button
        type="button"
        class="primary"
        onClick={() => {
          state.tab.value = 'train'
        }}
      >
        Train one
      </button>
    </section>
  )
}
