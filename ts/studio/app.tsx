import type { JSX } from 'preact'
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
  const View = VIEWS[state.tab.value]
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
        <nav aria-label="Parts of the studio">
          {TABS.map((tab, index) => (
            <button
              key={tab}
              type="button"
              aria-current={state.tab.value === tab ? 'page' : undefined}
              disabled={tab !== 'data' && !state.data.value}
              onClick={() => {
                state.tab.value = tab
              }}
            >
              <span class="step">{index + 1}</span> {NAMES[tab]}
            </button>
          ))}
        </nav>
        <EngineBadge />
      </header>
      <Problem />
      <main id="main" class={`part-${state.tab.value}`} tabIndex={-1}>
        <View />
      </main>
    </>
  )
}
