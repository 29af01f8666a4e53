import type { OwnWeights } from '../page/content.ts'
import { plotFigure } from './figure.ts'
import { escaped } from './html.ts'
import { OWN_WEIGHTS } from './own-weights.ts'

/** The tables of each model that has any. */
export function weightsSections(weights: readonly OwnWeights[]): string {
  const models = [...new Set(weights.map(({ model }) => model))]
  const figures = (model: string) =>
    weights.map(({ model: of, weights: { name } }, index) =>
      of === model
        ? plotFigure({
            plot: 'weights',
            name: `${model}-${name}`,
            title: name,
            label: `${name} of ${model}`,
            data: { weights: index },
            caption: OWN_WEIGHTS[name] ?? '',
          })
        : '',
    )
  const section = (model: string) => `<section>
<h2>Weights of ${escaped(model)}</h2>
<div class="panels">${figures(model).join('')}</div>
</section>`
  return models.map(section).join('\n')
}
