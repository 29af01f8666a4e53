// A picture as a document of its own.

import { escaped } from '../write/html.ts'
import { type Entry, linesOf } from './legend.ts'

const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, sans-serif'
/** Around a picture, in pixels. */
export const EDGE = 16

/** What stands around a picture. */
interface Frame {
  readonly title: string
  /** Size of the picture in pixels. */
  readonly wide: number
  readonly high: number
  readonly legend: readonly Entry[]
  /** Colour of texts. */
  readonly ink: string
}

/** A picture with its title and legend. Colours of the page are still names of variables. */
export function framedPicture(
  picture: Element,
  { title, wide, high, legend, ink }: Frame,
): { svg: string; width: number; height: number } {
  const lines = linesOf(legend, wide)
  const top = 34 + lines.length * 20
  picture.setAttribute('x', String(EDGE))
  picture.setAttribute('y', String(top))
  // Tips follow the pointer and are no part of the picture.
  for (const tip of picture.querySelectorAll('[aria-label="tip"]')) tip.remove()
  const [width, height] = [wide + 2 * EDGE, high + top + EDGE]
  const entries = lines.flatMap((line, row) =>
    line.map(({ text, colour, x }) => {
      const y = 44 + row * 20
      return `<rect x="${EDGE + x}" y="${y - 9}" width="10" height="10" rx="5" fill="${colour}"/><text x="${EDGE + x + 15}" y="${y}">${escaped(text)}</text>`
    }),
  )
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" ` +
    `style="color: ${ink}" font-family="${escaped(FONT)}" font-size="12" fill="${ink}">` +
    `<rect width="100%" height="100%" fill="var(--panel)"/>` +
    `<text x="${EDGE}" y="22" font-size="14" font-weight="650">${escaped(title)}</text>${entries.join('')}` +
    `${serialized(picture)}</svg>`
  return { svg, width, height }
}

/** The text of an element. Outside a browser, its document writes XML by itself. */
function serialized(element: Element): string {
  return typeof XMLSerializer === 'undefined' ? element.outerHTML : new XMLSerializer().serializeToString(element)
}
