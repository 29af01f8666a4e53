import type { JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { DataPart } from './data/view.tsx'
import { InsidePart } from './inside/view.tsx'
import { MapPart } from './map/view.tsx'
import { EngineBadge } from './parts/engine-badge.tsx'
import { Problem } from './parts/problem.tsx'
import { state, TABS, type Tab } from './state.ts'
import { TakePart } from './take/view.tsx'
import { TrainPart } from './train/view.tsx'
import { YouPart } from './you/view.tsx'

const NAMES: Readonly<Record<Tab, string>> = {
  data: 'Data',
  train: 'Train',
  map: 'Taste space',
  inside: 'Insides',
  you: 'You',
  take: 'Take it with you',
}

const VIEWS: Readonly<Record<Tab, () => JSX.Element>> = {
  data: DataPart,
  train: TrainPart,
  map: MapPart,
  inside: InsidePart,
  you: YouPart,
  take: TakePart,
}

export function App() {
  const { value: tab } = state.tab
  const View = VIEWS[tab]
  const nav = useRef<HTMLElement>(null)
  // On a narrow page the names scroll: that of the open part is in sight.
  useEffect(() => {
    const { current: row } = nav
    const name = row?.querySelector('[aria-current]')
    if (!row || !name) return
    const [outer, inner] = [row.getBoundingClientRect(), name.getBoundingClientRect()]
    row.scrollLeft += inner.left + inner.width / 2 - (outer.left + outer.width / 2)
  }, [tab])
  return (
    <>
      <a class="skip" href="#main">
        To the content
      </a>
      <header class="top">
        <h1>
          <img src="icon.svg" alt="" width="28" height="28" />
          tastespace <span>studio</span>
        </h1>
        <nav aria-label="Parts of the studio" ref={nav}>
          {TABS.map((each, index) => (
            <button
              key={each}
              type="button"
              aria-current={each === tab ? 'page' : undefined}
              disabled={each !== 'data' && !state.data.value}
              onClick={() => {
                state.tab.value = each
              }}
            >
              <span class="step">{index + 1}</span> {NAMES[each]}
            </button>
          ))}
        </nav>
        <EngineBadge />
      </header>
      <Problem />
      <main id="main" class={`part-${tab}`} tabIndex={-1}>
        <View />
      </main>
    </>
  )
}
