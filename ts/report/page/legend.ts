// The legend of a picture, which the page has as HTML, for a saved picture.

/** An entry of a legend. */
export interface Entry {
  readonly text: string
  readonly colour: string
}

/** The entries of Plot's legend of colours. */
export function legendOf(place: HTMLElement): Entry[] {
  return [...place.querySelectorAll<HTMLElement>('[class*="-swatch"]')]
    .filter((swatch) => swatch.querySelector('svg') && !swatch.querySelector('[class*="-swatch"]'))
    .map((swatch) => ({
      text: swatch.textContent ?? '',
      colour: swatch.querySelector('svg')?.getAttribute('fill') ?? 'currentColor',
    }))
}

/** Entries in lines of a width in pixels, each with its distance from the left. */
export function linesOf(entries: readonly Entry[], width: number): (Entry & { readonly x: number })[][] {
  const lines: (Entry & { readonly x: number })[][] = []
  let x = 0
  for (const entry of entries) {
    const wide = 30 + 6.6 * entry.text.length
    if (lines.length === 0 || x + wide > width) {
      lines.push([])
      x = 0
    }
    lines.at(-1)?.push({ ...entry, x })
    x += wide
  }
  return lines
}
