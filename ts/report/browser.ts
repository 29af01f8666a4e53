/** Comparisons of models as a page with pictures, as Markdown and as CSV, made in a browser. */
import '../browser.ts'

export * from './api/index.ts'
