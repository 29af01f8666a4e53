export { comparisonPictures, searchPictures, svgOf } from './svg.ts'

/** The document of the page. */
export const document: Document = globalThis.document
