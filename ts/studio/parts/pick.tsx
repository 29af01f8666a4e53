import { useSignal } from '@preact/signals'
import { state } from '../state.ts'

export interface Found {
  readonly item: string
  readonly title: string
}

/** A field that finds items by title or id. */
export function ItemSearch({ label, onPick }: { label: string; onPick: (found: Found) => void }) {
  const text = useSignal('')
  const found = useSignal<readonly Found[]>([])
  const search = async (wanted: string) => {
    text.value = wanted
    const model = state.data.value?.everything
    if (!model || wanted.trim() === '') {
      found.value = []
      return
    }
    const results = await model.find(wanted, { k: 8, near: true })
    if (text.value === wanted) found.value = results.map(({ item, title }) => ({ item, title: title || item }))
  }
  const pick = (each: Found) => {
    text.value = ''
    found.value = []
    onPick(each)
  }
  return (
    <div class="search">
      <label>
        <span>{label}</span>
        <input
          type="search"
          value={text.value}
          autocomplete="off"
          onInput={(event) => void search(event.currentTarget.value)}
          onKeyDown={(event) => {
            const [first] = found.value
            if (event.key === 'Enter' && first) pick(first)
            if (event.key === 'Escape') found.value = []
          }}
        />
      </label>
      {found.value.length > 0 && (
        <ul class="found">
          {found.value.map((each) => (
            <li key={each.item}>
              <button type="button" onClick={() => pick(each)}>
                {each.title}
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}

/** Chooses the user that is looked at. */
export function UserChoice() {
  const data = state.data.value
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
    </div>
  )
}
