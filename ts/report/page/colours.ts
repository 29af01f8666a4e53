import type { ReportModel, ReportTable } from './content.ts'

/** Colours that are distinct on light and dark backgrounds. */
export const PALETTE = [
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

/** For everything without its own colour. */
export const GREY = '#8d949e'

/** Colours by the comparison with the best model. */
export const STANDING = { best: '#2ba36b', alike: '#4477cc', behind: GREY } as const

/** Whether a model is the best by a metric, not significantly different, or significantly worse. */
export function standing({ best }: ReportTable, { model, significance }: ReportModel, metric: string) {
  if (best[metric] === model) return 'best'
  return (significance[metric]?.corrected ?? 0) < 0.05 ? 'behind' : 'alike'
}

/** The models with results. */
export function measured({ models }: ReportTable): ReportModel[] {
  return models.filter(({ seeds }) => seeds.length > 0)
}

/** The same colour for a model in every picture. */
export function colourOf(table: ReportTable): (model: string) => string {
  const names = measured(table).map(({ model }) => model)
  return (model) => PALETTE[names.indexOf(model) % PALETTE.length] ?? GREY
}
