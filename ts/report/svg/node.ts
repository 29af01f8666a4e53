import { parseHTML } from 'linkedom'

export { comparisonPictures, searchPictures, svgOf } from './svg.ts'

/** A document to draw in, since Node has none. */
export const document: Document = parseHTML('<html></html>').document
