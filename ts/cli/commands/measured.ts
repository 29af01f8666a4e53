// What an evaluation cannot measure, and what makes its figures mislead.
import { type Dataset, type Metrics, type Task, TastespaceError } from '../../index.ts'
import type { Console } from '../terminal/console.ts'
import { count, counted } from '../terminal/numbers.ts'

/** Users and items by their ids. */
export interface Ids {
  readonly users: readonly string[]
  readonly items: readonly string[]
}

/** The ids of a data set or of a model. */
export async function idsOf(source: Pick<Dataset, 'userIds' | 'itemIds'>): Promise<Ids> {
  return { users: await source.userIds(), items: await source.itemIds() }
}

/** An id as it is compared with others that are written differently: `1.0`, `01` and ` 1` are `1`. */
function canonical(id: string): string {
  const plain = id.trim().toLowerCase()
  return /^-?\d+(\.0+)?$/.test(plain) ? plain.replace(/\.0+$/, '').replace(/^(-?)0+(?=\d)/, '$1') : plain
}

/** Ids of a test part that are not in training but differ only by form from one that is, each side with an example. */
export function idForms(train: Ids, test: Ids, part = 'the test part', here = 'test'): string[] {
  return (['users', 'items'] as const).flatMap((side) => {
    const known = new Set(train[side])
    const strangers = test[side].filter((id) => !known.has(id))
    if (strangers.length === 0) return []
    const forms = new Map(train[side].map((id) => [canonical(id), id]))
    const same = strangers.filter((id) => forms.has(canonical(id)))
    const [example] = same
    if (example !== undefined) {
      const one = JSON.stringify(example)
      const other = JSON.stringify(forms.get(canonical(example)))
      return [
        `${count(same.length)} of ${counted(test[side].length, side.slice(0, -1))} of ${part} differ from those of training ` +
          `only by the form of their ids: ${one} in ${here}, ${other} in training; write them the same way`,
      ]
    }
    // New users and items alone are no mistake where a model learns them.
    if (strangers.length < test[side].length || here !== 'test') return []
    return [
      `no ${side.slice(0, -1)} of the test part is in training: ids such as ${JSON.stringify(test[side][0])} in test, ` +
        `${JSON.stringify(train[side][0])} in training`,
    ]
  })
}

/** The task that metrics are of; `own` where there are none. */
export function taskOf({ values }: Metrics, own: Task): Task {
  const [name] = Object.keys(values)
  if (name === undefined) return own
  return name === 'rmse' || name === 'mae' ? 'rating' : 'ranking'
}

/** Whether larger values of a metric are better. */
export function moreIsBetter(metric: string): boolean {
  return !/^(rmse|mae|gini@\d+)$/.test(metric)
}

/** Warns of test rows that are training rows, and of ids that differ by their form. */
export function warnOfTest(console: Console, metrics: Metrics, task: Task, forms: readonly string[]): void {
  for (const line of forms) console.warn(line)
  const { repeated = 0, rows, cold } = metrics
  const all = task === 'ranking' ? rows + cold : rows
  if (task === 'rating' && rows > 0 && cold === rows) {
    console.warn(
      `every test row has a user or an item without training rows: the figures are those of means and biases`,
    )
  }
  if (repeated === 0) return
  const which =
    repeated === all ? `all ${counted(all, 'test row')} are` : `${count(repeated)} of ${counted(all, 'test row')} are`
  const effect =
    task === 'ranking'
      ? 'items of training rows are not ranked, so these rows count as misses'
      : 'the model has seen these ratings, so its errors are those of training'
  console.warn(`${which} training rows too: ${effect}; test on other rows`)
}

/** The error of an evaluation without a metric. */
export function nothingMeasured(why: string, details: Record<string, unknown>): TastespaceError {
  return new TastespaceError('dataset/nothing-measured', `nothing could be measured: ${why}`, details)
}

/** Fails if there is no metric: no test row has a user and an item with training rows. */
export function checkMeasured({ values, rows, cold }: Metrics): void {
  if (Object.keys(values).length > 0) return
  const of = counted(rows + cold, 'test row')
  throw nothingMeasured(`none of the ${of} has a user and an item with training rows`, { rows: rows + cold, cold })
}
