import { signal } from '@preact/signals'
import { colourAt } from '../report/page/colours.ts'

export { colourAt, GENRES, GREY } from '../report/page/colours.ts'

const media = matchMedia('(prefers-color-scheme: dark)')

/** Whether the page is dark: pictures that read it are drawn again when that changes. */
export const dark = signal(media.matches)
media.addEventListener('change', () => {
  dark.value = media.matches
})

/** The colour of a run, the same in every picture and table. */
export const runColour = (id: number) => colourAt(id % 24)
