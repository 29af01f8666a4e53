import { type AnyModel, type Slot, TastespaceError } from '../../index.ts'
import { escaped } from './html.ts'

/** The slots of a model's memory. */
export interface Memory {
  readonly model: string
  readonly slots: readonly Slot[]
}

/** Number of words and items that describe a slot. */
const TOLD = 4

/** A word names a slot if the attention of its items to the slot is at least this multiple of the average. */
const TELLING = 1.1

/** The slots of a model's memory, if it has one. */
export async function memoryOf(name: string, model: AnyModel): Promise<Memory[]> {
  if (!('slots' in model)) return []
  try {
    return [{ model: name, slots: await model.slots({ k: TOLD }) }]
  } catch (error) {
    if (error instanceof TastespaceError && error.code === 'model/unsupported') return []
    throw error
  }
}

/** The section about the slots. Each is named by the words whose items attend to it more than others. */
export function memorySection({ model, slots }: Memory): string {
  return `<section>
<h2>The memory slots of ${escaped(model)}</h2>
<p>Each pair of a user and an item attends to the slots of a memory; their contents form the relation vector between the two. A slot
is named by the genres whose items attend to it at least a tenth more than average. Below the name are popular items that attend to it more than others. The model was trained on
interactions only, without genres.${clearer(slots)}</p>
<div class="panels">${slots.map(card).join('\n')}</div>
</section>`
}

/** Advice where fewer than half of the slots have names. */
function clearer(slots: readonly Slot[]): string {
  const named = slots.filter((slot) => telling(slot).length > 0)
  if (2 * named.length >= slots.length) return ''
  return `
Fewer slots with larger keys are more distinct: <code>--set lrml.slots=8 --set lrml.initialKeyLength=100</code>.`
}

/** The words that name a slot. */
function telling({ words }: Slot): Slot['words'] {
  return words.filter(({ times }) => times >= TELLING)
}

function card(of: Slot): string {
  const { slot, share, items } = of
  const names = telling(of)
  const name = names.map(({ name }) => escaped(name)).join(', ') || 'no particular genre'
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
