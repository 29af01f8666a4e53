import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { errorData } from '../errors.ts'
import { state } from '../state.ts'

/** What `ask` resolves to, asked again when one of `keys` changes. Undefined until it is there. */
export function useAnswer<T>(ask: () => Promise<T> | undefined, keys: readonly unknown[]): T | undefined {
  const answer = useSignal<T | undefined>(undefined)
  useEffect(() => {
    let current = true
    const promise = ask()
    if (!promise) answer.value = undefined
    promise?.then(
      (value) => {
        if (current) answer.value = value
      },
      (error) => {
        if (!current) return
        answer.value = undefined
        state.problem.value = errorData(error)
      },
    )
    return () => {
      current = false
    }
  }, keys)
  return answer.value
}
