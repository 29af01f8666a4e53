/** Comparisons of models as a page with pictures, as Markdown and as CSV. */
import '../node.ts'

export * from './api/index.ts'
