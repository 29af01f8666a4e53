import { escaped } from './html.ts'

/** A picture that the page draws. */
export interface PlotFigure {
  /** The program that draws it. */
  readonly plot: string
  /** In the name of the saved file. */
  readonly name: string
  /** Above the picture. Default: none. */
  readonly title?: string
  /** For screen readers, and the title of the saved picture. */
  readonly label: string
  readonly data?: Readonly<Record<string, string | number>>
  readonly caption: string
  readonly wide?: boolean
}

/** The place of a picture. */
export function plotFigure({ plot, name, title, label, data = {}, caption, wide }: PlotFigure): string {
  const values = Object.entries({ ...data, label }).map(([key, value]) => ` data-${key}="${escaped(String(value))}"`)
  const heading = title === undefined ? '' : `<h3>${escaped(title)}</h3>`
  return `<figure data-name="${escaped(name)}"${wide ? ' class="wide"' : ''}>${heading}<div data-plot="${plot}"${values.join('')}></div>
<figcaption>${escaped(caption)}</figcaption></figure>`
}
