/** Comparisons of models as a page with pictures, as Markdown and as CSV, made in a browser. */
import '../browser.ts'
import { drawBy } from './api/svg.ts'

export * from './api/index.ts'

drawBy(() => import('./svg/browser.ts'))
