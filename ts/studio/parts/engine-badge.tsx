import { counted } from '../numbers.ts'
import { state } from '../state.ts'

/** How many threads compute, and why not more. */
export function EngineBadge() {
  const engine = state.engine.value
  if (!engine) return <p class="engine">Starting the engine</p>
  if (!engine.reason) return <p class="engine ready">{counted(engine.threads, 'thread')} · runs in this page</p>
  return (
    <details class="engine">
      <summary>One thread</summary>
      <p>
        {sentence(engine.reason)} The models are the same, to the bit; training takes longer.{' '}
        {'serviceWorker' in navigator && navigator.serviceWorker.controller === null
          ? 'Reload the page: its service worker then adds these headers itself.'
          : null}
      </p>
    </details>
  )
}

const sentence = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
