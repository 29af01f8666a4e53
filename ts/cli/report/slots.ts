import { type Model, type Slot, TastespaceError } from '../../index.ts'
import { escaped } from './html.ts'

/** What the slots of a model's memory are about. */
export interface Memory {
  readonly model: string
  readonly slots: readonly Slot[]
}

/** Words and items that a slot is told by. */
const TOLD = 4

/** How many times as often as usual a word is to be looked at before a slot is named by it. */
const TELLING = 1.1

/** What the memory of a model is about; nothing, if its kind has none. */
export async function memoryOf(name: string, model: Model): Promise<Memory[]> {
  try {
    return [{ model: name, slots: await model.slots({ k: TOLD }) }]
  } catch (error) {
    if (error instanceof TastespaceError && error.code === 'model/unsupported') return []
    throw error
  }
}

/** The slots as a person would read them: each called by the words that it is looked at for more than others. */
export function memorySection({ model, slots }: Memory): string {
  return `<section>
<h2>What the slots of ${escaped(model)} are about</h2>
<p>Each pair of a person and an item looks at the slots of a memory, and what they hold is what takes the person to the item. A slot
is named by the genres whose items it is looked at for more often than usual, by a tenth at least; below are well-known items that look at it more than others. The model knows who had
what, and nothing of genres.</p>
<div class="panels">${slots.map(card).join('\n')}</div>
</section>`
}

function card({ slot, share, words, items }: Slot): string {
  const telling = words.filter(({ times }) => times >= TELLING)
  const name = telling.map(({ name }) => escaped(name)).join(', ') || 'nothing in particular'
  const times = telling.map(({ name, times }) => `${escaped(name)} ×${times.toFixed(1)}`).join(', ')
  const list = items.map(
    ({ item, title, value }) => `<li>${escaped(title ?? item)} <span class="soft">${percent(value)}</span></li>`,
  )
  return `<figure><h3>${name}</h3>
<ul>${list.join('')}</ul>
<figcaption>Slot ${slot}: ${percent(share)} of all attention${times && `; ${times}`}.</figcaption></figure>`
}

function percent(value: number): string {
  return `${Math.round(100 * value)} %`
}
