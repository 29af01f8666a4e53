import type { ReportContent } from '../page/content.ts'
import { STYLE } from './css.ts'
import { escaped, scriptCode, scriptData } from './html.ts'
import { pageProgram } from './program.ts'

/** What a page shows. */
export interface Page {
  readonly title: string
  readonly version: string
  /** HTML below the title. */
  readonly body: string
  /** The data of its pictures. */
  readonly content: ReportContent
}

/** A self-contained page, which loads nothing from the network. */
export async function page({ title, version, body, content }: Page): Promise<string> {
  const program = await pageProgram()
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="tastespace ${escaped(version)}">
<title>${escaped(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${escaped(title)}</h1>
${body}
</main>
<script type="application/json" id="content">${scriptData(content)}</script>
<script>${scriptCode(program)}</script>
</body>
</html>
`
}
