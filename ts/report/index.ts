/** Comparisons of models as a page with pictures, as Markdown and as CSV. */
import '../node.ts'
import { drawBy } from './api/svg.ts'

export * from './api/index.ts'

drawBy(() => import('./svg/node.ts'))
