import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { errorData } from '../errors.ts'
import { state } from '../state.ts'

/** Milliseconds for which an answer to the question before may stay: most answers come sooner, and nothing flickers. */
const GRACE = 200

/**
 * What `ask` resolves to, asked again when one of `keys` changes. Undefined until it is there: while a model trains, answers come between
 * its epochs, and no old one may stand for them.
 */
export function useAnswer<T>(ask: () => Promise<T> | undefined, keys: readonly unknown[]): T | undefined {
  const answer = useSignal<T | undefined>(undefined)
  useEffect(() => {
    let current = true
    const promise = ask()
    const clear = () => {
      if (current) answer.value = undefined
    }
    if (!promise) clear()
    const timer = setTimeout(clear, promise ? GRACE : 0)
    promise?.then(
      (value) => {
        clearTimeout(timer)
        if (current) answer.value = value
      },
      (error) => {
        clearTimeout(timer)
        if (!current) return
        answer.value = undefined
        state.problem.value = errorData(error)
      },
    )
    return () => {
      current = false
      clearTimeout(timer)
    }
  }, keys)
  return answer.value
}
