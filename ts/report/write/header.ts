import { sinceText } from '../../cli/terminal/compare-table.ts'
import { count, counted, duration } from '../../cli/terminal/numbers.ts'
import { figure } from '../figure.ts'
import type { Report } from './data.ts'
import { escaped } from './html.ts'

/** How the models were trained, in sentences. */
export function protocolText({ protocol, rows, tables, trained, aborted }: Report): string {
  const models = tables.flatMap(({ models }) => models)
  const { split, validation, refit, seeds } = protocol
  const parts = [
    `${counted(rows.train, 'row')} for training, ${count(rows.validation)} for validation, ${count(rows.test)} for test${rule(split)}.`,
    trained === undefined || rows.validation > 0 ? epochsText(rule(validation), refit, trained) : '',
    seeds.length > 1 ? `Values are means over the seeds ${seeds.join(', ')}.` : `Seed ${seeds[0]}.`,
    ...sinceText(models.filter(({ input }) => input).map(({ model }) => model)).map((text) => `${escaped(text)}.`),
    aborted ? interrupted(trained) : '',
  ]
  return parts.filter((part) => part !== '').join(' ')
}

function rule(split: string | undefined): string {
  return split === undefined || split === 'none' ? '' : ` (<code>${escaped(split)}</code>)`
}

function epochsText(validation: string, refit: boolean, trained: string | undefined): string {
  const chosen = `Epochs are chosen on the validation rows${validation}`
  if (trained !== undefined) {
    return `${chosen}${refit ? `; then ${escaped(trained)} is trained again on training and validation rows.` : '.'}`
  }
  return `${chosen}${refit ? ', then each model is trained again on training and validation rows; models of one step are trained once, on both.' : '; models are evaluated as validated.'}`
}

function interrupted(trained: string | undefined): string {
  return trained === undefined
    ? 'The comparison was interrupted: unfinished models are missing.'
    : 'The training was interrupted: the best epoch so far was kept.'
}

/** The most important figures. */
export function tiles(report: Report): string {
  const { seconds, engine, trained } = report
  const all = [
    ...(trained === undefined ? ofComparison(report) : ofTraining(report)),
    ...(seconds === undefined
      ? []
      : [tile(duration(seconds), engine ? `in all, on ${counted(engine.threads, 'thread')}` : 'in all')]),
  ]
  return `<div class="tiles">${all.join('')}</div>`
}

function ofComparison({ tables }: Report): string[] {
  const best = tables.flatMap((table) => {
    const model = table.models.find(({ model }) => model === table.best[table.metric])
    const value = model?.metrics[table.metric]
    if (!model || value === undefined) return []
    return [tile(model.model, `best by ${table.metric}, ${figure(value)}`)]
  })
  const measured = tables.flatMap(({ models }) => models.filter(({ seeds }) => seeds.length > 0))
  const models = new Set(measured.map(({ model }) => model)).size
  const users = Math.max(0, ...tables.map(({ users }) => users))
  return [...best, tile(String(models), 'models measured'), tile(count(users), 'users in the test')]
}

function ofTraining({ tables, trained, rows }: Report): string[] {
  const [table] = tables
  const own = table?.models.find(({ model }) => model === trained)
  if (!table || !own) return []
  const { metric, users } = table
  const values = { test: own.metrics[metric], validation: own.validation?.values[metric] }
  return [
    ...Object.entries(values).flatMap(([part, value]) =>
      value === undefined ? [] : [tile(figure(value), `${metric} on ${part} rows`)],
    ),
    tile(count(own.epochs[0] ?? 0), own.epochs[0] === 1 ? 'epoch' : 'epochs'),
    ...(users > 0 ? [tile(count(users), 'users in the test')] : [tile(count(rows.train), 'training rows')]),
  ]
}

/** A figure with what it is. */
export function tile(value: string, label: string): string {
  return `<div class="tile"><b>${escaped(value)}</b><span>${escaped(label)}</span></div>`
}
