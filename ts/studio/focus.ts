/** The elements that Tab stops at. */
const STOPS = 'a[href], button:enabled, input:enabled, select:enabled, textarea:enabled, summary, [tabindex="0"]'

/** An element around the focused one, and the place of that among the stops within. */
interface Around {
  readonly element: Element
  readonly place: number
}

/**
 * Keeps the focus near its place when the focused button disappears, as many do once they are pressed. Browsers would continue from
 * the top of the page. Here the next stop in the closest element that is still there gets the focus.
 */
export function keepFocus(): void {
  let last: Element | undefined
  let around: readonly Around[] = []
  addEventListener('focusin', ({ target }) => {
    if (!(target instanceof Element)) return
    last = target
    around = aroundOf(target)
  })
  addEventListener('pointerdown', () => {
    last = undefined
  })
  const restore = () => {
    if (!last || document.activeElement !== document.body) return
    if (last.isConnected && !last.matches(':disabled')) return
    last = undefined
    focusNext(around)
  }
  const changes = { childList: true, subtree: true, attributes: true, attributeFilter: ['disabled'] }
  new MutationObserver(restore).observe(document.body, changes)
}

function aroundOf(target: Element): Around[] {
  const found: Around[] = []
  for (let element = target.parentElement; element && element !== document.body; element = element.parentElement) {
    found.push({ element, place: [...element.querySelectorAll(STOPS)].indexOf(target) })
  }
  return found
}

function focusNext(around: readonly Around[]): void {
  for (const { element, place } of around) {
    if (!element.isConnected) continue
    const stops = [...element.querySelectorAll<HTMLElement>(STOPS)]
    // Another part of the page begins at its beginning.
    const next = element.matches('main') ? element : (stops[place] ?? stops.at(-1))
    if (!(next instanceof HTMLElement)) continue
    // The header stays at the top: a part that opens is not scrolled behind it.
    next.focus({ preventScroll: next.matches('main') })
    return
  }
}
