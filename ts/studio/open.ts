// Opening the page: its address may name data that the command line serves, or a model to train.
import { effect } from '@preact/signals'
import { capabilities, KINDS } from 'tastespace'
import { load } from './data/load.ts'
import { startEngine } from './engine.ts'
import { shown } from './errors.ts'
import { state } from './state.ts'
import { isData, lacksTitles, layoutOf, recipeFrom } from './take/recipe.ts'
import { enqueue, guardTraining } from './train/queue.ts'
import { rememberList } from './you/list.ts'

export async function open(): Promise<void> {
  registerServiceWorker()
  rememberList()
  guardTraining()
  await shown(async () => {
    const parameters = new URLSearchParams(location.hash.slice(1))
    await startEngine(threadsOf(parameters.get('threads')))
    const recipe = recipeFrom(location.hash)
    state.recipe.value = recipe
    const given = parameters.get('given')
    // A file that is chosen while the engine starts comes first.
    if (given && !hasChosen()) await loadGiven(given, parameters.get('titles'))
    else if (!recipe?.file && !hasChosen()) await load(undefined, recipe?.split)
    const kind = parameters.get('model')
    if (kind !== null && !recipe) {
      throw new Error(`the link asks for a model "${kind}", which is none of ${KINDS.join(', ')}`)
    }
  })
  trainWanted()
  keepForLater().catch(() => {
    // A host without the list of files: the page keeps those that were opened.
  })
}

/** Whether the visitor has chosen a file already. */
const hasChosen = () =>
  [state.data, state.reading, state.unnamed, state.problem].some(({ value }) => value !== undefined)

/** The threads that an address asks for; those of the host where it asks for none, or for more. */
function threadsOf(text: string | null): number | undefined {
  const threads = Number(text)
  return Number.isSafeInteger(threads) && threads > 0 && threads <= capabilities().hardwareThreads ? threads : undefined
}

/** Data that `tastespace studio DATA` serves with the page. */
async function loadGiven(name: string, titles: string | null): Promise<void> {
  const [ratings, items] = await Promise.all([given('given', name), titles ? given('given/items', titles) : undefined])
  await load({ ratings, ratingsName: name, ...(items && { items }) })
}

async function given(folder: string, name: string): Promise<File> {
  const response = await fetch(`${folder}/${encodeURIComponent(name)}`)
  if (!response.ok) throw new Error(`${name} is not served here (${response.status}); choose the file instead`)
  return new File([await response.blob()], name)
}

/** A link trains its model as soon as its data is there: for a file of the sender's, when that is chosen. */
function trainWanted(): void {
  let done = false
  effect(() => {
    const data = state.data.value
    const recipe = state.recipe.value
    if (done || !data || !recipe || isData(recipe, data) === false || lacksTitles(recipe, data)) return
    done = true
    const { kind, options, seed, epochs, split, columns, layout } = recipe
    state.form.value = { kind, options, seed, epochs }
    const again = data.split !== split || (columns && !data.files?.columns) || (layout && !data.files?.layout)
    queueMicrotask(async () => {
      if (again) await load(data.files && { ...data.files, ...layoutOf(recipe) }, split)
      // A split or columns that are refused make other data than the link's.
      if (again && state.data.value === data) return
      state.tab.value = 'train'
      enqueue({ kind, options, seed, epochs })
    })
  })
}

/** It keeps the page for use without a network, and adds the headers that threads need where the host does not send them. */
function registerServiceWorker(): void {
  if (!('serviceWorker' in navigator)) return
  navigator.serviceWorker.register('service-worker.mjs').catch(() => {
    // Without it the page works all the same, but not offline.
  })
}

/** Once the page is usable, its service worker loads all files, for use without a network. */
async function keepForLater(): Promise<void> {
  if (!('serviceWorker' in navigator)) return
  const { active } = await navigator.serviceWorker.ready
  const response = await fetch('files.json')
  const files: readonly string[] = response.ok ? await response.json() : []
  // The next visit has threads by the worker's headers, and this visit's build may be without them.
  const without = state.engine.value?.build === 'mt' ? 'lib/st/' : undefined
  active?.postMessage(files.filter((path) => without === undefined || !path.startsWith(without)))
}
