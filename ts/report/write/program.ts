/** The program of the page, which lies beside the library. */
export async function pageProgram(): Promise<string> {
  const url = new URL('./report-page.js', import.meta.url)
  if (url.protocol !== 'file:') return (await fetch(url)).text()
  const { readFile } = await import('node:fs/promises')
  return readFile(url, 'utf8')
}
