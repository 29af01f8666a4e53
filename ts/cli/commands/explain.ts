import type { Command } from 'commander'
import { type Entity, type Explanation, loadModel, type Weights } from '../../index.ts'
import { addEngineFlags, type EngineFlags, kOption } from '../flags/common.ts'
import { decimalsOf, short } from '../terminal/numbers.ts'
import type { Style } from '../terminal/style.ts'
import { table } from '../terminal/table.ts'
import { withSuggestions } from './did-you-mean.ts'
import { resolveItem } from './items.ts'
import { computes, type EngineJob } from './run.ts'
import { type Titles, titled, titlesOf } from './titles.ts'

interface ExplainFlags extends EngineFlags {
  readonly user: string
  readonly item: string
  readonly k: number
  readonly items?: string
}

/** `explain`: the terms of a score. */
export function addExplain(program: Command): void {
  const command = program
    .command('explain')
    .summary('explain why an item has its score for a user')
    .description(
      'Explain why an item has its score for a user: the terms that add up to it, and the items of the user that ' +
        'raise it and lower it most.',
    )
    .argument('<model>', 'file of a model that train wrote')
    .option('--user <id>', 'id of a user')
    .option('--item <id>', 'id or title of an item')
    .addOption(kOption().default(5))
    .option('--items <file>', 'file with titles of the items (default: those in the model)')
  addEngineFlags(command)
  computes<ExplainFlags>(command, ['user', 'item'], explain)
}

async function explain({ engine, flags, console }: EngineJob<ExplainFlags>, file = ''): Promise<void> {
  const { user, k, items: titleFile } = flags
  const model = await loadModel(file, { engine })
  const item = await resolveItem(model, flags.item)
  const [score = Number.NaN] = await withSuggestions(model, () => model.predict([[user, item]]))
  const explained = await model.explain(user, item)
  const titles = await titlesOf(model, engine, titleFile)
  const parts = explained.parts.map(({ name, value }) => ({ name, value: short(value) }))
  const reasons = titled(explained.items, titles)
  const nearest = titled(explained.nearest, titles)
  const title = titles.get(item)
  const document = {
    model: model.kind,
    user,
    item,
    ...(title !== undefined && { title }),
    score: short(score),
    parts,
    items: reasons.map((reason) => ({ ...reason, value: short(reason.value) })),
    nearest: nearest.map((near) => ({ ...near, distance: short(near.distance) })),
    features: explained.features.map(({ name, value }) => ({ name, value: short(value) })),
    ...(explained.weights.length > 0 && { weights: explained.weights.map(shortened) }),
  }
  await console.result(document, () => {
    const color = console.resultStyle
    const name = title === undefined ? `item ${item}` : `${title} ${color.dim(`[${item}]`)}`
    const speaking = (heading: string, list: readonly Reason[]) =>
      list.length === 0 ? [] : ['', color.bold(heading), reasonsTable(list.slice(0, k), color)]
    return [
      `${color.bold(score.toFixed(decimalsOf([score], 2)))}  ${name} for user ${user}`,
      '',
      sum(explained.parts, score, color),
      ...speaking(
        'raises the score',
        reasons.filter(({ value }) => value > 0),
      ),
      ...speaking(
        'lowers the score',
        reasons.filter(({ value }) => value < 0),
      ),
      ...listed(
        'nearest items of the user',
        nearest.slice(0, k).map((near) => [near.distance.toFixed(3), ...nameOf(near, color)]),
        color,
      ),
      ...listed(
        'by its features',
        signed(explained.features.slice(0, k)).map(([value, { name }]) => [value, name]),
        color,
      ),
      ...explained.weights.flatMap((weights) => ['', color.bold(weights.name), weightsTable(weights, titles, color)]),
    ].join('\n')
  })
}

type Reason = Explanation['items'][number]

/** The terms, their sum and, where that differs, the score that it is clipped to. */
function sum(parts: Explanation['parts'], score: number, { bold, dim }: Style): string {
  const total = parts.reduce((sum, { value }) => sum + value, 0)
  const most = Math.max(...parts.map(({ value }) => Math.abs(value)))
  // The sum is rounded as its terms are, whatever their scale.
  const isClipped = Math.abs(total - score) > 1e-4 * most
  const clipped = isClipped ? dim(`clipped to ${score.toFixed(decimalsOf([score], 2))}`) : ''
  const decimals = decimalsOfParts(parts.map(({ value }) => value))
  const rows = parts.map(({ name, value }, place) => [
    worded(name),
    place === 0 ? value.toFixed(decimals) : withSign(value, decimals),
  ])
  return table([...rows, [bold('sum'), bold(total.toFixed(decimals)), clipped]], ['left', 'right', 'left'])
}

/** Decimals that show what the terms beside the largest add, which is often a mean; a float of 32 bits holds no more. */
function decimalsOfParts(values: readonly number[]): number {
  const [most = 0, ...others] = values.map(Math.abs).sort((a, b) => b - a)
  return Math.min(decimalsOf(others, 3), decimalsOf([most], 3) + 4)
}

function reasonsTable(reasons: readonly Reason[], style: Style): string {
  const rows = signed(reasons).map(([value, reason]) => [value, ...nameOf(reason, style)])
  return table(rows, ['right', 'left', 'left'])
}

/** A heading and a table below it; nothing where there are no rows. */
function listed(heading: string, rows: string[][], { bold }: Style): string[] {
  return rows.length === 0 ? [] : ['', bold(heading), table(rows, ['right', 'left', 'left'])]
}

function nameOf({ item, title }: { readonly item: string; readonly title?: string }, { dim }: Style): string[] {
  return title === undefined ? [item] : [title, dim(`[${item}]`)]
}

function shortened({ values, ...weights }: Weights): Weights {
  return { ...weights, values: values.map((row) => row.map(short)) }
}

/** One line a row, in percent; the columns are numbered. */
function weightsTable({ rows, columns, values }: Weights, titles: Titles, { dim }: Style): string {
  const called = (entity: Entity) =>
    'item' in entity ? (titles.get(entity.item) ?? entity.title ?? entity.item) : entity.name
  const percent = (value: number) => `${Math.round(100 * value)} %`
  const heads = columns.map((_, column) => dim(String(column + 1)))
  // A single row is too wide: each column gets a line.
  if (rows.length === 1) {
    const lines = columns.map((column, place) => [
      dim(String(place + 1)),
      percent(values[0]?.[place] ?? 0),
      called(column),
    ])
    return table(lines, ['right', 'right', 'left'])
  }
  const lines = rows.map((row, place) => [dim(String(place + 1)), ...(values[place] ?? []).map(percent), called(row)])
  return table([['', ...heads, ''], ...lines], ['right', ...columns.map(() => 'right' as const), 'left'])
}

/** Each value as text with its sign and as many decimals as the largest needs. */
function signed<T extends { readonly value: number }>(list: readonly T[]): (readonly [string, T])[] {
  const decimals = decimalsOf(
    list.map(({ value }) => value),
    3,
  )
  return list.map((each) => [withSign(each.value, decimals), each] as const)
}

function withSign(value: number, decimals: number): string {
  return `${value < 0 ? '-' : '+'}${Math.abs(value).toFixed(decimals)}`
}

/** `userBias` in words: `user bias`. */
function worded(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
}
