import { escaped } from './html.ts'

/** A column of a table. */
export interface Column {
  readonly name: string
  /** How it is sorted at first. */
  readonly first: 'ascending' | 'descending'
  /** Whether it is shown at first; undefined for columns that are always shown. */
  readonly shown?: boolean
}

/** A cell: what is shown, and the values that are sorted and saved. */
export interface Cell {
  readonly html: string
  readonly value?: string | number
  readonly low?: number
  readonly high?: number
  readonly p?: number
}

/** A row: its head, and its cells or one text instead of them. */
export interface TableRow {
  readonly head: Cell
  readonly cells: readonly Cell[] | string
}

/** A table that the page sorts, folds and saves. The roles keep its meaning while it is folded. */
export function tableOf(
  { name, label, head, sorted }: { name: string; label: string; head: string; sorted?: string },
  columns: readonly Column[],
  rows: readonly TableRow[],
): string {
  const heads = [{ name: head, first: 'ascending' as const }, ...columns].map((column, at) => {
    const sort = column.name === sorted ? column.first : 'none'
    const chosen = at > 0 && 'shown' in column ? ` data-column="${escaped(column.name)}"` : ''
    return `<th role="columnheader" scope="col" aria-sort="${sort}" data-name="${escaped(column.name)}" data-first="${column.first}"${chosen}><button type="button">${escaped(column.name)}</button></th>`
  })
  const body = rows.map(({ head, cells }) => {
    const first = `<th role="rowheader" scope="row"${values(head)}>${head.html}</th>`
    if (typeof cells === 'string') {
      return `<tr role="row">${first}<td role="cell" class="failed" colspan="${columns.length}">${escaped(cells)}</td></tr>`
    }
    const rest = cells.map((cell, at) => {
      const { name = '', shown } = columns[at] ?? {}
      const chosen = shown === undefined ? '' : ` data-column="${escaped(name)}"`
      return `<td role="cell" data-label="${escaped(name)}"${chosen}${values(cell)}>${cell.html}</td>`
    })
    return `<tr role="row">${first}${rest.join('')}</tr>`
  })
  return `<div class="table" data-name="${escaped(name)}">${chooser(columns)}
<table role="table" aria-label="${escaped(label)}">
<thead role="rowgroup"><tr role="row">${heads.join('')}</tr></thead>
<tbody role="rowgroup">${body.join('\n')}</tbody>
</table></div>`
}

function chooser(columns: readonly Column[]): string {
  const boxes = columns.flatMap(({ name, shown }) =>
    shown === undefined
      ? []
      : [
          `<label><input type="checkbox" value="${escaped(name)}"${shown ? ' checked' : ''}><span>${escaped(name)}</span></label>`,
        ],
  )
  if (boxes.length === 0) return ''
  const count = boxes.length
  return `<details class="chooser"><summary>Choose among ${count} metrics</summary><fieldset><legend>Metrics</legend>${boxes.join('')}<button type="button">all or usual</button></fieldset></details>`
}

function values({ html: _, ...data }: Cell): string {
  return Object.entries(data)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` data-${key}="${escaped(String(value))}"`)
    .join('')
}
