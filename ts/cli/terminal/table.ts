import { STYLE_CODE, visibleCell } from './visible.ts'

/** How a column is aligned. */
export type Align = 'left' | 'right'

/** Rows of text as aligned columns, two spaces apart. */
export function table(cells: readonly (readonly string[])[], align: readonly Align[]): string {
  const rows = cells.map((row) => row.map(visibleCell))
  const widths = align.map((_, column) => Math.max(0, ...rows.map((row) => width(row[column] ?? ''))))
  const line = (row: readonly string[]) =>
    row.map((cell, column) => {
      const space = ' '.repeat((widths[column] ?? 0) - width(cell))
      return align[column] === 'right' ? space + cell : cell + space
    })
  return rows.map((row) => line(row).join('  ').trimEnd()).join('\n')
}

/** Codes of `style` and combining marks, which take no columns. */
const INVISIBLE = new RegExp(`${STYLE_CODE}|\\p{Mark}`, 'gu')
/** Characters of two columns: Chinese, Japanese and Korean ones, and emoji. */
const WIDE =
  /\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Hangul}|\p{Emoji_Presentation}|[\u3000-\u303f\uff01-\uff60]/gu

/** Columns that a text takes in a terminal. */
export function width(text: string): number {
  const visible = text.replace(INVISIBLE, '')
  return [...visible].length + (visible.match(WIDE)?.length ?? 0)
}

/** Columns of the terminal that results go to; 80 for files and pipes. */
export function terminalColumns(): number {
  return process.stdout.columns || 80
}

/** Whether every line of a text fits into the terminal. */
export function fits(text: string): boolean {
  return text.split('\n').every((line) => width(line) <= terminalColumns())
}

/** A paragraph as lines that fit into the terminal, broken between words. Further lines are indented by `hanging` too. */
export function wrapped(text: string, indent = '', hanging = '', columns = terminalColumns()): string {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last === undefined) lines.push(indent + word)
    else if (width(`${last} ${word}`) <= columns) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(indent + hanging + word)
  }
  return lines.join('\n')
}
