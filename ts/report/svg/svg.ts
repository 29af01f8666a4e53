// Pictures of a result as files, without a page.

import { colours } from '../page/colours.ts'
import type { ReportTable, Tuning } from '../page/content.ts'
import { costPlot } from '../page/cost.ts'
import { curvesPlot } from '../page/curves.ts'
import { EDGE, framedPicture } from '../page/framed.ts'
import { figurePlot } from '../page/intervals.ts'
import type { Entry } from '../page/legend.ts'
import { DARK, LIGHT } from '../page/palette.ts'
import { drawIn } from '../page/plot.ts'
import { historyPlot, importancePlot, parallelPlot, slicePlot, TRIAL_COLOURS } from '../page/tuning.ts'

/** How a picture is drawn. */
export interface Look {
  readonly width: number
  readonly dark: boolean
}

/** A picture that can be drawn. */
export interface Picture {
  readonly title: string
  readonly draw: (width: number) => Element | undefined
  /** What its colours mean, where the picture itself does not say it. */
  readonly legend?: readonly Entry[]
}

/** Pictures by their names. */
export type Pictures = Readonly<Record<string, Picture>>

/** The pictures of a table of a comparison. */
export function comparisonPictures(table: ReportTable, models: readonly string[]): Pictures {
  const { metric } = table
  const colour = colours(models)
  const names = Object.keys(table.models.find(({ seeds }) => seeds.length > 0)?.metrics ?? {})
  return {
    ...Object.fromEntries(
      names.map((name) => [
        name,
        { title: `${name} on test rows`, draw: (width: number) => figurePlot(table, name, width, colour) },
      ]),
    ),
    training: { title: `${metric} after each epoch`, draw: (width) => curvesPlot(table, width, colour) },
    time: { title: `${metric} against training time`, draw: (width) => costPlot(table, width, colour) },
  }
}

/** The pictures of a search. */
export function searchPictures(tuning: Tuning): Pictures {
  const { metric, axes } = tuning
  const legend = TRIAL_COLOURS
  return {
    history: { title: `${metric} of each trial`, legend, draw: (width) => historyPlot(tuning, width) },
    parallel: { title: `Options and ${metric}`, legend, draw: (width) => parallelPlot(tuning, width) },
    importance: { title: `Importance for ${metric}`, draw: (width) => importancePlot(tuning, width) },
    ...Object.fromEntries(
      axes.map((axis) => [
        axis.name,
        { title: `${metric} against ${axis.name}`, legend, draw: (width: number) => slicePlot(tuning, axis, width) },
      ]),
    ),
  }
}

/** A picture as a file. Undefined where there is nothing to show, as of curves of models without epochs. */
export function svgOf(
  { title, draw, legend = [] }: Picture,
  { width, dark }: Look,
  document: Document,
): string | undefined {
  drawIn(document)
  const picture = draw(width - 2 * EDGE)
  if (!picture) return undefined
  const palette = dark ? DARK : LIGHT
  const [wide, high] = ['width', 'height'].map((side) => Number(picture.getAttribute(side)))
  const frame = { title, wide: wide ?? width, high: high ?? 0, legend, ink: palette['--ink'] ?? '' }
  const { svg } = framedPicture(picture, frame)
  return svg.replace(/var\((--[\w-]+)\)/g, (_, name: string) => palette[name] ?? 'currentColor')
}
