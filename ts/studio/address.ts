// The part that is open stands in the fragment of the address, so that the browser's Back leads to the part before.
import { effect } from '@preact/signals'
import { state, TABS, type Tab } from './state.ts'

export function followAddress(): void {
  const first = partOf(location.hash)
  if (first) state.tab.value = first
  addEventListener('popstate', () => {
    state.tab.value = partOf(location.hash) ?? 'data'
  })
  effect(() => {
    const { value: tab } = state.tab
    if (tab === (partOf(location.hash) ?? 'data')) return
    const parameters = new URLSearchParams(location.hash.slice(1))
    parameters.set('part', tab)
    history.pushState(null, '', `#${parameters}`)
    // A part opens at its top, wherever the one before was scrolled to.
    scrollTo(0, 0)
  })
}

function partOf(fragment: string): Tab | undefined {
  const part = new URLSearchParams(fragment.slice(1)).get('part')
  return TABS.find((tab) => tab === part)
}
