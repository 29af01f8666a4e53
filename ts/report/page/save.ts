// Pictures as files of the reader.

import { framedPicture } from './framed.ts'
import { type Entry, legendOf } from './legend.ts'

/** Offers a file to the reader. */
export function save(name: string, content: Blob): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(content)
  link.download = name
  link.click()
  // The browser reads the content after the click.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
}

/**
 * The picture of a place as a document of its own, with its title and legend, in the colours that the page has now. `own` is the
 * legend of a picture whose colours the page explains elsewhere.
 */
export function pictureOf(
  place: HTMLElement,
  title: string,
  own: readonly Entry[] = [],
): { svg: string; width: number; height: number } {
  const drawn = place.querySelector<SVGSVGElement>('svg[role="img"]')
  if (!drawn) throw new Error('there is no picture')
  const [wide, high] = [drawn.clientWidth, drawn.clientHeight]
  const style = getComputedStyle(document.documentElement)
  const named = (text: string) =>
    text.replace(/var\((--[\w-]+)\)/g, (_, name: string) => style.getPropertyValue(name).trim())
  const ink = getComputedStyle(drawn).color
  const copy = drawn.cloneNode(true)
  if (!(copy instanceof SVGSVGElement)) throw new Error('a copy of a picture is a picture')
  const framed = framedPicture(copy, { title, wide, high, legend: [...own, ...legendOf(place)], ink })
  return { ...framed, svg: named(framed.svg) }
}

/** The picture as pixels, two for each of the screen. */
export async function pixelsOf({ svg, width, height }: ReturnType<typeof pictureOf>): Promise<Blob> {
  const image = new Image(width, height)
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`
  await image.decode()
  const canvas = document.createElement('canvas')
  canvas.width = 2 * width
  canvas.height = 2 * height
  canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height)
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('the picture is too large'))), 'image/png')
  })
}
