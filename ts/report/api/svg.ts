import { badArgument, checkKeys, keysOf } from '../../arguments.ts'
import type { Look, Pictures } from '../svg/svg.ts'

/** How `toSVG` draws a picture. */
export interface PictureOptions {
  /** Width of the picture in pixels, 200 to 4,000. Default 640. */
  readonly width?: number | undefined
  /** Whether it is for a dark ground. Default false. */
  readonly dark?: boolean | undefined
}

/** What draws, with the document that it draws in. */
export type Drawing = typeof import('../svg/node.ts')

let load: () => Promise<Drawing>

/** Sets what draws. Each entry calls it once. */
export function drawBy(chosen: () => Promise<Drawing>): void {
  load = chosen
}

const KEYS = keysOf<PictureOptions>({ width: true, dark: true })

/** The look that options ask for. */
function lookOf(options: PictureOptions): Look {
  const { width = 640, dark = false } = checkKeys('toSVG', options, KEYS)
  if (typeof width !== 'number' || !(width >= 200 && width <= 4000)) {
    throw badArgument('toSVG', 'width', width, 'a number from 200 to 4000')
  }
  if (typeof dark !== 'boolean') throw badArgument('toSVG', 'dark', dark, 'true or false')
  return { width, dark }
}

/** The picture of a name, of those that `of` makes. What draws is large, and is loaded here. */
export async function svgBy(
  of: (drawing: Drawing) => Pictures,
  name: string,
  options: PictureOptions = {},
): Promise<string> {
  const look = lookOf(options)
  const drawing = await load()
  const pictures = of(drawing)
  const picture = Object.hasOwn(pictures, name) ? pictures[name] : undefined
  if (!picture) throw badArgument('toSVG', 'picture', name, `one of ${Object.keys(pictures).join(', ')}`)
  const svg = drawing.svgOf(picture, look, drawing.document)
  if (svg === undefined) throw badArgument('toSVG', 'picture', name, 'a picture of what is there: no model has a curve')
  return svg
}
