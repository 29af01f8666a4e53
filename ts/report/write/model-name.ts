import { colourAt } from '../page/colours.ts'
import { escaped } from './html.ts'

/** The name of a model after a dot of its colour. */
export function modelName(model: string, models: readonly string[]): string {
  const place = models.indexOf(model)
  return place < 0 ? escaped(model) : `<i class="dot" style="background:${colourAt(place)}"></i>${escaped(model)}`
}
