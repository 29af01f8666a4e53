// Pictures as files of the reader.

import { legendOf, linesOf } from './legend.ts'

const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, sans-serif'
const EDGE = 16

/** Offers a file to the reader. */
export function save(name: string, content: Blob): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(content)
  link.download = name
  link.click()
  // The browser reads the content after the click.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
}

/** The picture of a place as a document of its own, with its title and legend, in the colours that the page has now. */
export function pictureOf(place: HTMLElement, title: string): { svg: string; width: number; height: number } {
  const drawn = place.querySelector<SVGSVGElement>('svg[role="img"]')
  if (!drawn) throw new Error('there is no picture')
  const [wide, high] = [drawn.clientWidth, drawn.clientHeight]
  const style = getComputedStyle(document.documentElement)
  const named = (text: string) =>
    text.replace(/var\((--[\w-]+)\)/g, (_, name: string) => style.getPropertyValue(name).trim())
  const ink = getComputedStyle(drawn).color
  const lines = linesOf(legendOf(place), wide)
  const top = 34 + lines.length * 20
  const copy = drawn.cloneNode(true)
  if (!(copy instanceof SVGSVGElement)) throw new Error('a copy of a picture is a picture')
  copy.setAttribute('x', String(EDGE))
  copy.setAttribute('y', String(top))
  // Tips follow the pointer and are no part of the picture.
  for (const tip of copy.querySelectorAll('[aria-label="tip"]')) tip.remove()
  const [width, height] = [wide + 2 * EDGE, high + top + EDGE]
  const entries = lines.flatMap((line, row) =>
    line.map(({ text, colour, x }) => {
      const y = 44 + row * 20
      return `<circle cx="${EDGE + x + 5}" cy="${y - 4}" r="5" fill="${colour}"/><text x="${EDGE + x + 15}" y="${y}">${escaped(text)}</text>`
    }),
  )
  const svg = named(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" ` +
      `style="color: ${ink}" font-family="${escaped(FONT)}" font-size="12" fill="${ink}">` +
      `<rect width="100%" height="100%" fill="var(--panel)"/>` +
      `<text x="${EDGE}" y="22" font-size="14" font-weight="650">${escaped(title)}</text>${entries.join('')}` +
      `${new XMLSerializer().serializeToString(copy)}</svg>`,
  )
  return { svg, width, height }
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

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
