import { state } from '../state.ts'

/** What stands in place of an answer that is not there yet, and why it takes longer while a model trains. */
export function Computing() {
  const trains = state.runs.value.some(({ phase }) => phase === 'training')
  return (
    <p class="hint" role="status">
      {trains ? 'Computing. While a model trains, answers come between its epochs.' : 'Computing.'}
    </p>
  )
}
