import { count, percent } from '../../cli/terminal/numbers.ts'
import type { Popularity } from '../page/content.ts'
import { plotFigure } from './figure.ts'
import { modelName } from './model-name.ts'
import { type Column, tableOf } from './table.ts'

const COLUMNS: readonly Column[] = [
  { name: 'coverage', first: 'descending' },
  { name: 'rows of recommended items', first: 'ascending' },
  { name: "rows of items in users' histories", first: 'ascending' },
  { name: 'ratio', first: 'ascending' },
]

/** The section about the popularity of what models recommend. */
export function popularitySection(popularity: readonly Popularity[], models: readonly string[]): string {
  const [first] = popularity
  if (!first) return ''
  const rows = popularity.map(({ model, coverage, recommended, history }) => {
    const ratio = history > 0 ? recommended / history : undefined
    return {
      head: { html: modelName(model, models), value: model },
      cells: [
        { html: percent(coverage), value: coverage },
        { html: recommended.toFixed(1), value: recommended },
        { html: history.toFixed(1), value: history },
        ratio === undefined ? { html: '' } : { html: `${ratio.toFixed(2)} ×`, value: ratio },
      ],
    }
  })
  const picture = plotFigure({
    plot: 'popularity',
    name: 'popularity',
    label: 'Popularity and coverage of recommendations',
    wide: true,
    caption:
      "Above the dashed line, lists are more popular than the users' own items; further right, more of the catalogue is recommended to anyone.",
  })
  const label = 'Popularity and coverage'
  return `<section>
<h2>Popularity and coverage</h2>
<p>The first ${first.k} recommendations of ${count(first.users)} users: the part of the catalogue that is in any list, and the mean number of
training rows of a recommended item against that of an item in the histories of the same users. A ratio above 1 favours popular items.</p>
${picture}
${tableOf({ name: 'popularity', label, head: 'model' }, COLUMNS, rows)}
</section>`
}
