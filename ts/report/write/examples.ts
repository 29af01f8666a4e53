import { count, counted } from '../../cli/terminal/numbers.ts'
import type { Similar } from '../collect/similar.ts'
import type { Example, ListedItem } from '../page/content.ts'
import { escaped } from './html.ts'
import { modelName } from './model-name.ts'

/** The section with lists of three users. */
export function examplesSection(examples: readonly Example[], models: readonly string[], seed: number): string {
  const [first] = examples
  if (!first) return ''
  const tested = examples.some(({ heldOut }) => heldOut.length > 0)
  const which = tested
    ? 'of those with a test row. Items of the test part that are in a list are marked: the model did not see them in training.'
    : 'of all.'
  return `<section class="examples" data-name="recommendations">
<h2>Recommendations for ${examples.length === 3 ? 'three users' : counted(examples.length, 'user')}</h2>
<p>A user with few, a median number of, and many interactions, sampled with seed ${seed} ${which}</p>
${examples.map((example) => exampleCard(example, models)).join('\n')}
</section>`
}

const ACTIVITY = { few: 'few interactions', median: 'a median number of interactions', many: 'many interactions' }

function exampleCard({ user, activity, rows, history, heldOut, lists }: Example, models: readonly string[]): string {
  const held = heldOut.slice(0, 5).map(({ title }) => escaped(title))
  const more = heldOut.length > 5 ? ` and ${count(heldOut.length - 5)} more` : ''
  const own = `<details open class="list history"><summary>Last ${history.length === rows ? rows : `${history.length} of ${count(rows)}`} in training</summary>${listOf(history)}</details>`
  const each = lists.map(({ model, items }) => {
    const hits = items.filter(({ heldOut }) => heldOut).length
    const hit = hits > 0 ? ` <span class="soft">${counted(hits, 'hit')}</span>` : ''
    return `<details open class="list"><summary>${modelName(model, models)}${hit}</summary>${listOf(items)}</details>`
  })
  return `<article class="user"><h3>User ${escaped(user)} <span class="soft">${ACTIVITY[activity]}: ${count(rows)}</span></h3>
${held.length > 0 ? `<p>Held out for test: ${held.join('; ')}${more}</p>` : ''}
<div class="lists">${own}${each.join('')}</div></article>`
}

function listOf(items: readonly ListedItem[]): string {
  if (items.length === 0) return '<p class="soft">nothing</p>'
  const entries = items.map(({ title, heldOut }) =>
    heldOut ? `<li class="hit">${escaped(title)} <mark>held out</mark></li>` : `<li>${escaped(title)}</li>`,
  )
  return `<ol>${entries.join('')}</ol>`
}

/** The section with the items that are similar to popular ones. */
export function similarSection(similar: readonly Similar[]): string {
  if (similar.length === 0) return ''
  const cards = similar.map(
    ({ title, rows, similar }) =>
      `<div class="list"><h4>${escaped(title)} <span class="soft">${counted(rows, 'row')}</span></h4><ol>${similar
        .map(({ title, score }) => `<li>${escaped(title)} <span class="soft">${score.toFixed(2)}</span></li>`)
        .join('')}</ol></div>`,
  )
  return `<section>
<h2>Similar items</h2>
<p>The ten items most similar to each of the three items with the most training rows, with their similarity.</p>
<article class="user"><div class="lists">${cards.join('')}</div></article>
</section>`
}
