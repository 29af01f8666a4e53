// The small buttons of the page: pictures and tables as files, and texts to copy.

import { csvOf } from '../csv.ts'
import type { ReportContent } from './content.ts'
import { pictureOf, pixelsOf, save } from './save.ts'
import { tableAsCSV } from './tables.ts'
import { TRIAL_COLOURS } from './tuning.ts'

/** Adds the buttons. */
export function addTools(content: ReportContent): void {
  for (const figure of document.querySelectorAll<HTMLElement>('figure[data-name]')) {
    const place = figure.querySelector<HTMLElement>('[data-plot]')
    if (!place) continue
    const name = nameOf(content, figure)
    const title = place.getAttribute('data-label') ?? ''
    const trials = /^tuning-(history|parallel|slice)$/.test(place.dataset.plot ?? '')
    const picture = () => pictureOf(place, title, trials ? TRIAL_COLOURS : [])
    add(figure, title, {
      SVG: async () => save(`${name}.svg`, new Blob([picture().svg], { type: 'image/svg+xml' })),
      PNG: async () => save(`${name}.png`, await pixelsOf(picture())),
    })
  }
  for (const frame of document.querySelectorAll<HTMLElement>('.table[data-name]')) {
    const table = frame.querySelector('table')
    if (table)
      add(frame, table.getAttribute('aria-label') ?? '', {
        CSV: async () => saveText(content, frame, tableAsCSV(table)),
      })
  }
  for (const frame of document.querySelectorAll<HTMLElement>('.examples[data-name]')) {
    add(frame, 'recommendations', { CSV: async () => saveText(content, frame, examplesAsCSV(content)) })
  }
  for (const button of document.querySelectorAll<HTMLButtonElement>('button[data-copy]')) {
    button.addEventListener('click', async () => {
      const text = document.getElementById(button.dataset.copy ?? '')?.textContent ?? ''
      button.textContent = (await copied(text)) ? 'Copied' : 'Select and copy'
    })
  }
}

/** Copies a text. Pages that are opened as files have no clipboard in some browsers. */
async function copied(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return false
  }
}

function add(at: HTMLElement, title: string, actions: Readonly<Record<string, () => Promise<void>>>): void {
  const row = document.createElement('div')
  row.className = 'tools'
  for (const [text, act] of Object.entries(actions)) {
    const button = document.createElement('button')
    button.type = 'button'
    button.textContent = text
    button.setAttribute('aria-label', `Save as ${text}: ${title}`)
    button.addEventListener('click', () => void act())
    row.append(button)
  }
  at.append(row)
}

function saveText(content: ReportContent, frame: HTMLElement, text: string): void {
  save(`${nameOf(content, frame)}.csv`, new Blob([text], { type: 'text/csv' }))
}

function nameOf({ name }: ReportContent, of: HTMLElement): string {
  return `${name}-${of.dataset.name ?? ''}`.replace(/[^\w.-]+/g, '-')
}

/** The lists of all examples: a line for each item. */
function examplesAsCSV({ examples }: ReportContent): string {
  const rows = examples.flatMap(({ user, history, lists }) =>
    [{ model: 'history', items: history }, ...lists].flatMap(({ model, items }) =>
      items.map(({ item, title, heldOut }, at) => [user, model, String(at + 1), item, title, String(heldOut)]),
    ),
  )
  return csvOf([['user', 'list', 'position', 'item', 'title', 'held out'], ...rows])
}
