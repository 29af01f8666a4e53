/** Text that may stand in a page. */
export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}

/** Data that may stand in a script of a page. */
export function scriptData(data: unknown): string {
  return JSON.stringify(data).replaceAll('<', '\\u003c')
}

/** A program that may stand in a page. */
export function scriptCode(code: string): string {
  return code.replaceAll('</script', '<\\/script')
}
