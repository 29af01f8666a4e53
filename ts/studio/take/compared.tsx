import { state } from '../state.ts'
import type { Run } from '../train/run.ts'
import { isOf } from './recipe.ts'

/** Whether a link's model came out the same here, to the bit. */
export function Compared({ run }: { run: Run }) {
  const recipe = state.recipe.value
  if (!recipe?.modelHash || run.phase !== 'done' || !isOf(recipe, run)) return null
  if (run.hash === undefined) {
    return <p class="note">The page was not loaded over HTTPS, so it cannot compare this model with the sender's.</p>
  }
  return run.hash === recipe.modelHash ? (
    <p class="same" role="status">
      ✓ The same model as the sender's, bit for bit.
    </p>
  ) : (
    <p class="wrong" role="status">
      Not the same model as the sender's: {state.data.value?.files?.items ? 'the file of titles or ' : ''}the version of
      tastespace may differ.
    </p>
  )
}
