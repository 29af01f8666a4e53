import { useSignal } from '@preact/signals'
import { useRef } from 'preact/hooks'
import { state } from '../state.ts'

export interface Found {
  readonly item: string
  readonly title: string
}

/** With its id, where that is why it is found. */
interface Offered extends Found {
  readonly id?: string
}

let fields = 0

/** Items that are offered at most. */
const MOST = 8

/** Other items with `wanted` in their ids. */
function byId(wanted: string, known: ReadonlySet<string>): Offered[] {
  const { items = [], titles = [] } = state.data.value ?? {}
  const part = wanted.trim().toLowerCase()
  const found: Offered[] = []
  for (let place = 0; place < items.length && found.length < MOST; place++) {
    const item = items[place] ?? ''
    if (known.has(item) || !item.toLowerCase().includes(part)) continue
    const title = titles[place] ?? item
    found.push({ item, title, ...(title !== item && { id: item }) })
  }
  return found
}

/** A field that finds items by title or id; the arrows move through its list. */
export function ItemSearch({ label, onPick }: { label: string; onPick: (found: Found) => void }) {
  const id = useRef('')
  id.current ||= `found-${fields++}`
  const text = useSignal('')
  /** Undefined before anything is looked for. */
  const found = useSignal<readonly Offered[] | undefined>(undefined)
  const active = useSignal(0)
  const search = async (wanted: string) => {
    text.value = wanted
    const model = state.data.value?.everything
    if (!model || wanted.trim() === '') return close()
    const results = await model.find(wanted, { k: MOST, near: true })
    if (text.value !== wanted) return
    const byTitle = results.map(({ item, title }) => ({ item, title: title || item }))
    found.value = [...byTitle, ...byId(wanted, new Set(results.map(({ item }) => item)))].slice(0, MOST)
    active.value = 0
  }
  const close = () => {
    found.value = undefined
  }
  const pick = ({ item, title }: Found) => {
    text.value = ''
    close()
    onPick({ item, title })
  }
  const count = found.value?.length ?? 0
  const act = (key: string): boolean => {
    const chosen = found.value?.[active.value]
    if (key === 'Enter' && chosen) pick(chosen)
    else if (key === 'Escape') close()
    else if (key === 'ArrowDown' && count > 0) active.value = (active.value + 1) % count
    else if (key === 'ArrowUp' && count > 0) active.value = (active.value + count - 1) % count
    else return false
    return true
  }
  return (
    <div
      class="search"
      onFocusOut={(event) => {
        // The list goes when the focus leaves the field and the list.
        if (!(event.relatedTarget instanceof Node && event.currentTarget.contains(event.relatedTarget))) close()
      }}
    >
      <label>
        <span>{label}</span>
        <input
          type="search"
          aria-controls={id.current}
          aria-autocomplete="list"
          aria-activedescendant={count > 0 ? `${id.current}-${active.value}` : undefined}
          value={text.value}
          autocomplete="off"
          onInput={(event) => void search(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (act(event.key)) event.preventDefault()
          }}
        />
      </label>
      <div class="found" id={id.current} role="listbox" aria-label={`Found by ${label}`} hidden={count === 0}>
        {found.value?.map((each, place) => (
          <button
            key={each.item}
            id={`${id.current}-${place}`}
            type="button"
            role="option"
            aria-selected={place === active.value}
            tabIndex={-1}
            // The field keeps the focus, which the list would lose when it closes.
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => pick(each)}
          >
            {each.title}
            {each.id && <small> {each.id}</small>}
          </button>
        ))}
      </div>
      {found.value && count === 0 && (
        <p class="hint" role="status">
          No item is like “{text.value.trim()}”.
        </p>
      )}
    </div>
  )
}

/** Chooses the user that is looked at. */
export function UserChoice() {
  const data = state.data.value
  const unknown = useSignal('')
  if (!data) return null
  const known = (user: string) => data.users.includes(user)
  const step = (by: number) => {
    const place = data.users.indexOf(state.user.value ?? '')
    state.user.value = data.users[(place + by + data.users.length) % data.users.length]
  }
  return (
    <div class="user-choice">
      <label>
        <span>User</span>
        <input
          list="users"
          value={state.user.value ?? ''}
          onChange={(event) => {
            const wanted = event.currentTarget.value.trim()
            unknown.value = known(wanted) ? '' : wanted
            if (known(wanted)) state.user.value = wanted
            else event.currentTarget.value = state.user.value ?? ''
          }}
        />
      </label>
      <datalist id="users">
        {data.users.slice(0, 200).map((user) => (
          <option key={user} value={user} />
        ))}
      </datalist>
      <button type="button" class="quiet" onClick={() => step(-1)} aria-label="Previous user">
        ‹
      </button>
      <button type="button" class="quiet" onClick={() => step(1)} aria-label="Next user">
        ›
      </button>
      {unknown.value && (
        <p class="hint" role="status">
          {data.name} has no user “{unknown.value}”.
        </p>
      )}
    </div>
  )
}
