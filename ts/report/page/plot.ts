import * as Plot from '@observablehq/plot'

let host: Document | undefined

/** Sets the document that makes the pictures, where there is no page. */
export function drawIn(document: Document): void {
  host = document
}

/** A picture by Observable Plot. */
export function plot(options: Plot.PlotOptions): ReturnType<typeof Plot.plot> {
  return Plot.plot({ ...options, ...(host && { document: host }) })
}
