import { choiceText, pText, shownMetrics } from '../../cli/terminal/compare-table.ts'
import { count, counted, duration } from '../../cli/terminal/numbers.ts'
import type { Comparison, ComparisonTable, ModelResult } from '../../index.ts'
import { figure } from '../figure.ts'

/** The usual metrics of a comparison as tables of GitHub's Markdown, the best values in bold. */
export function comparisonAsMarkdown({ tables, rows, seeds }: Comparison): string {
  const split = `${count(rows.train)} rows for training, ${count(rows.validation)} for validation, ${count(rows.test)} for test; seed ${seeds.join(', ')}.`
  return `${[...tables.map(tableText), split].join('\n\n')}\n`
}

function tableText(table: ComparisonTable): string {
  const { task, users, rows, metric, models } = table
  const names = shownMetrics(table)
  const heads = ['model', ...names.flatMap((name) => (name === metric ? [name, 'vs best'] : [name])), 'training']
  const line = (cells: readonly string[]) => `| ${cells.map(escaped).join(' | ')} |`
  return [
    `### ${task === 'ranking' ? 'Ranking' : 'Rating prediction'}: ${counted(users, 'user')}, ${counted(rows, 'test row')}`,
    '',
    line(heads),
    `| --- | ${heads
      .slice(1)
      .map(() => '---:')
      .join(' | ')} |`,
    ...models.map((model) => line(cellsOf(table, names, model))),
    ...choiceText(table).map((text) => `\n${text}.`),
  ].join('\n')
}

function cellsOf({ metric, best }: ComparisonTable, names: readonly string[], result: ModelResult): string[] {
  const { model, metrics, significance, seeds, error, seconds } = result
  if (seeds.length === 0) return [model, error?.message ?? '', ...names.map(() => ''), '']
  const cell = (name: string) => {
    const value = metrics[name]
    if (value === undefined) return ''
    return best[name] === model ? `**${figure(value)}**` : figure(value)
  }
  const test = significance[metric]
  const against = best[metric] === model ? 'best' : test ? pText(test.corrected) : ''
  return [
    model,
    ...names.flatMap((name) => (name === metric ? [cell(name), against] : [cell(name)])),
    duration(seconds),
  ]
}

/** A text as a cell of a table. */
export function escaped(text: string): string {
  return text
    .replaceAll('|', '\\|')
    .replace(/\s*\n\s*/g, ' ')
    .replaceAll('<', '&lt;')
}
