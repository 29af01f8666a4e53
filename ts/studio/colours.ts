import { colourAt } from '../report/page/colours.ts'

export { colourAt, GENRES, GREY } from '../report/page/colours.ts'

/** The colour of a run, the same in every picture and table. */
export const runColour = (id: number) => colourAt(id % 24)
