import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import type { ScoredItem } from 'tastespace'
import { usePerson } from '../map/marks.ts'
import type { Run } from '../train/run.ts'

/** One of the user's recommended items, and the field that chooses it; undefined while there is none. */
export function useRecommended(
  run: Run,
  user: string,
): { readonly pair: ScoredItem; readonly field: JSX.Element } | undefined {
  const person = usePerson(run)
  const chosen = useSignal(0)
  const list = person?.user === user ? person.list : []
  const pair = list[Math.min(chosen.value, list.length - 1)]
  if (!pair) return undefined
  const field = (
    <label>
      <span>A recommended item</span>
      <select
        value={String(list.indexOf(pair))}
        onChange={(event) => {
          chosen.value = Number(event.currentTarget.value)
        }}
      >
        {list.map(({ item, title }, index) => (
          <option key={item} value={String(index)}>
            {title || item}
          </option>
        ))}
      </select>
    </label>
  )
  return { pair, field }
}
