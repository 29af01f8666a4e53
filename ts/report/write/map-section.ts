import { count } from '../../cli/terminal/numbers.ts'
import type { ItemMap } from '../page/content.ts'
import { commonGenres } from '../page/genres.ts'
import { plotFigure } from './figure.ts'
import { escaped } from './html.ts'
import { MOST } from './layout.ts'

/** The section about the map of the items. */
export function mapSection({ model, metric, items, points }: ItemMap): string {
  const genres = commonGenres(points)
  const chooser =
    genres.length > 0
      ? `<label class="soft">Show <select id="genre"><option value="">all genres</option>${genres
          .map((genre) => `<option>${escaped(genre)}</option>`)
          .join('')}</select></label>`
      : ''
  const of =
    points.length === MOST
      ? `The ${count(MOST)} most popular of ${count(items)} items`
      : `The ${count(points.length)} items with training rows`
  const near = metric === 'distance' ? 'close to each other' : 'in the same direction'
  const colours =
    genres.length > 0
      ? 'Colours of this picture are genres; of several genres of an item, the rarest'
      : 'Colours are numbers of training rows'
  const caption = `${colours}; sizes are training rows. UMAP of the embeddings with a fixed seed: neighbourhoods are meaningful, axes and large distances are not.`
  return `<section>
<h2>The item embeddings of ${escaped(model)}</h2>
<p>${of}, laid out so that items whose embeddings are ${near} are close. The model was trained on interactions only, without genres.</p>
${chooser}
${plotFigure({ plot: 'map', name: 'map', label: `The item embeddings of ${model}`, wide: true, caption })}
</section>`
}
