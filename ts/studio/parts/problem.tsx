import { EncodingChoice } from '../data/encoding.tsx'
import { state } from '../state.ts'

/** The last error, in the words of the library. */
export function Problem() {
  const problem = state.problem.value
  if (!problem) return null
  return (
    <div class="problem" role="alert">
      <p>
        <strong>{problem.message}</strong> <code>{problem.code}</code>
      </p>
      {problem.remedy && (
        <button type="button" onClick={problem.remedy.apply}>
          {problem.remedy.label}
        </button>
      )}
      {problem.encoding && <EncodingChoice chosen={problem.encoding.chosen} onChoose={problem.encoding.apply} />}
      <button
        type="button"
        class="quiet"
        onClick={() => {
          state.problem.value = undefined
        }}
      >
        Close
      </button>
    </div>
  )
}
