// Tables of the page: sorted by a column, folded where they are too wide, with the columns that are chosen.

import { csvOf } from '../csv.ts'

/** Makes every table of the page sortable, foldable and its columns chosen. */
export function enhanceTables(): void {
  for (const frame of document.querySelectorAll<HTMLElement>('.table')) {
    const table = frame.querySelector('table')
    if (!table) continue
    sortable(table)
    const fold = foldable(frame, table)
    chosen(frame, table, fold)
  }
}

function sortable(table: HTMLTableElement): void {
  const heads = [...table.querySelectorAll<HTMLElement>('thead th')]
  for (const [column, head] of heads.entries()) {
    head.querySelector('button')?.addEventListener('click', () => {
      const now = head.getAttribute('aria-sort')
      const first = head.dataset.first ?? 'ascending'
      const next = now === 'none' ? first : now === 'ascending' ? 'descending' : 'ascending'
      for (const other of heads) other.setAttribute('aria-sort', other === head ? next : 'none')
      sort(table, column, next === 'ascending' ? 1 : -1)
    })
  }
}

/** Orders the rows by the values of a column. Rows without a value stay last. */
function sort(table: HTMLTableElement, column: number, sign: 1 | -1): void {
  const body = table.tBodies[0]
  if (!body) return
  const cellValue = (row: HTMLTableRowElement) => row.cells[column]?.dataset.value
  const rows = [...body.rows].sort((one, other) => {
    const [a, b] = [cellValue(one), cellValue(other)]
    if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined)
    const difference = Number(a) - Number(b)
    return sign * (Number.isNaN(difference) ? a.localeCompare(b) : difference)
  })
  body.append(...rows)
}

/** Folds a table, each row a card, while it is wider than its frame. */
function foldable(frame: HTMLElement, table: HTMLTableElement): () => void {
  let before = 0
  const fold = () => {
    frame.classList.remove('folded')
    frame.classList.toggle('folded', table.scrollWidth > frame.clientWidth)
  }
  new ResizeObserver(() => {
    if (frame.clientWidth === before) return
    before = frame.clientWidth
    fold()
  }).observe(frame)
  return fold
}

/** Shows the columns whose boxes are checked. */
function chosen(frame: HTMLElement, table: HTMLTableElement, fold: () => void): void {
  const boxes = [...frame.querySelectorAll<HTMLInputElement>('.chooser input')]
  const show = () => {
    const shown = new Map(boxes.map((box) => [box.value, box.checked]))
    for (const cell of table.querySelectorAll<HTMLElement>('[data-column]')) {
      cell.hidden = shown.get(cell.dataset.column ?? '') === false
    }
    fold()
  }
  for (const box of boxes) box.addEventListener('change', show)
  const every = frame.querySelector<HTMLButtonElement>('.chooser button')
  every?.addEventListener('click', () => {
    const all = boxes.every(({ checked }) => checked)
    for (const box of boxes) box.checked = all ? box.defaultChecked : true
    show()
  })
  show()
}

/** A table as CSV, with all its columns and the figures in full. */
export function tableAsCSV(table: HTMLTableElement): string {
  const heads = [...table.querySelectorAll<HTMLElement>('thead th')]
  const rows = [...(table.tBodies[0]?.rows ?? [])]
  const columns = heads.flatMap((head, column) => {
    const name = head.dataset.name ?? head.textContent?.trim() ?? ''
    return ['value', 'low', 'high', 'p']
      .filter((key) => key === 'value' || rows.some((row) => row.cells[column]?.dataset[key] !== undefined))
      .map((key) => ({ column, key, name: key === 'value' ? name : `${name} ${key}` }))
  })
  return csvOf([
    columns.map(({ name }) => name),
    ...rows.map((row) => columns.map(({ column, key }) => row.cells[column]?.dataset[key] ?? '')),
  ])
}
