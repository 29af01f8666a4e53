import type { ReportModel, ReportTable } from './content.ts'

/** Colours of models, distinct on light and dark backgrounds. */
const PALETTE = [
  '#4477cc',
  '#e58a1f',
  '#2ba36b',
  '#d1495b',
  '#9a63d6',
  '#1fa7b8',
  '#c9a227',
  '#d869a8',
  '#8a6d4f',
  '#7d8ca3',
  '#6b9e1f',
  '#5f62e0',
] as const

/** Colours of genres: paler than those of models, which mean something else. */
export const GENRES = [
  '#5bc2ae',
  '#f2836b',
  '#8fa8e8',
  '#e5a9d2',
  '#a5c94a',
  '#f3c64b',
  '#c59a6d',
  '#b58be0',
  '#6fc7e8',
] as const

/** For everything without its own colour. */
export const GREY = '#8d949e'

/** The colour of a model, by its place among all models of the report: the same in every picture and table. */
export function colourAt(place: number): string {
  // Beyond the palette, hues at the golden angle, which never repeat.
  return PALETTE[place] ?? `hsl(${Math.round((place * 137.508) % 360)} 55% 55%)`
}

/** The colours of the models of a report. */
export function colours(models: readonly string[]): (model: string) => string {
  return (model) => (models.includes(model) ? colourAt(models.indexOf(model)) : GREY)
}

/** Whether a model is the best by a metric, not significantly different, or significantly worse. */
export function standing({ best }: ReportTable, { model, significance }: ReportModel, metric: string) {
  if (best[metric] === model) return 'best'
  return (significance[metric]?.corrected ?? 0) < 0.05 ? 'behind' : 'alike'
}

/** The models with results. */
export function measured({ models }: ReportTable): ReportModel[] {
  return models.filter(({ seeds }) => seeds.length > 0)
}
