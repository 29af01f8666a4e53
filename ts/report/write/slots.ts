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
what, and nothing of genres.${clearer(slots)}</p>
<div class="panels">${slots.map(card).join('\n')}</div>
</section>`
}

/** How to have slots that tell more, where few of them tell anything. */
function clearer(slots: readonly Slot[]): string {
  const named = slots.filter((slot) => telling(slot).length > 0)
  if (2 * named.length >= slots.length) return ''
  return `
Fewer slots with longer keys are told apart better: <code>--set lrml.slots=8 --set lrml.initialKeyLength=100</code>.`
}

/** The words that a slot is named by. */
function telling({ words }: Slot): Slot['words'] {
  return words.filter(({ times }) => times >= TELLING)
}

function card(of: Slot): string {
  const { slot, share, items } = of
  const names = telling(of)
  const name = names.map(({ name }) => escaped(name)).join(', ') || 'nothing in particular'
  const times = names.map(({ name, times }) => `${escaped(name)} ×${times.toFixed(1)}`).join(', ')
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
