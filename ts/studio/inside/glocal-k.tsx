import type { AnyModel } from 'tastespace'
import type { Data } from '../data/data.ts'
import { historyOf } from '../map/marks.ts'
import { useAnswer } from '../parts/answer.ts'
import { HeatMap } from './heat-map.tsx'
import type { InsideProps } from './props.ts'
import { type Tensor, tensorsOf } from './tensors.ts'

/** The values of a kernel, with as many digits as tell its ends apart. */
function rangeOf(low: number, high: number): string {
  for (let digits = 4; digits <= 8; digits++) {
    const [from, to] = [low.toPrecision(digits), high.toPrecision(digits)]
    if (from !== to) return `from ${from} (pale) to ${to} (dark)`
  }
  return `all ${low.toPrecision(4)}`
}

/** GLocal-K's local kernels, its global kernel, and the matrix that it completes. */
export function GLocalKInside({ run, data }: InsideProps) {
  const kernels = useAnswer(() => kernelsOf(run.model), [run.id])
  const matrix = useAnswer(() => matrixOf(run.model, data), [run.id, data])
  const [lowest, highest] = data.info.ratings?.range ?? [1, 5]
  return (
    <>
      <section class="card">
        <h2>Local kernels</h2>
        <p class="hint">
          A weight of a layer is multiplied by 1 − ‖u − v‖² of the points of its two units, and is 0 where that is
          negative: the kernel makes the layer sparse.
        </p>
        <div class="kernels">
          {kernels?.local.map(({ name, left, right, kernel, zeros, low, high }) => (
            <figure key={name}>
              <HeatMap
                label={`Kernel of the ${name} layer`}
                rows={Math.min(left, MOST)}
                columns={Math.min(right, MOST)}
                value={kernel}
                low={low}
                high={high}
              />
              <figcaption>
                {name} layer, {left} × {right}: {rangeOf(low, high)}; {(zeros * 100).toFixed(1)} % are 0
              </figcaption>
            </figure>
          ))}
          {kernels?.global && (
            <figure>
              <table class="global">
                <tbody>
                  {rowsOf(kernels.global).map((row, place) => (
                    <tr key={place}>
                      {row.map((value, column) => (
                        <td key={column}>{value.toFixed(3)}</td>
                      ))}
                    </tr>
                  ))}
                </tbody>
              </table>
              <figcaption>global kernel: the filter that slides over the rating matrix</figcaption>
            </figure>
          )}
        </div>
      </section>
      {matrix && (
        <section class="card">
          <h2>The completed matrix</h2>
          <div class="kernels">
            <figure>
              <HeatMap
                label="Predictions where a rating is known"
                rows={matrix.users}
                columns={matrix.items}
                value={(row, column) => matrix.known[row * matrix.items + column] ?? Number.NaN}
                low={lowest}
                high={highest}
              />
              <figcaption>
                where a rating is known, by its prediction: the {matrix.items} items (columns) and {matrix.users} users
                (rows) with the most ratings
              </figcaption>
            </figure>
            <figure>
              <HeatMap
                label="Predicted ratings"
                rows={matrix.users}
                columns={matrix.items}
                value={(row, column) => matrix.predicted[row * matrix.items + column] ?? Number.NaN}
                low={lowest}
                high={highest}
              />
              <figcaption>
                all predictions: from {lowest} (pale) to {highest} (dark)
              </figcaption>
            </figure>
          </div>
        </section>
      )}
    </>
  )
}

/** Units of a layer that have room in a picture. */
const MOST = 250

interface LocalKernel {
  readonly name: string
  readonly left: number
  readonly right: number
  readonly kernel: (row: number, column: number) => number
  /** Share of weights that the kernel sets to 0. */
  readonly zeros: number
  readonly low: number
  readonly high: number
}

async function kernelsOf(
  model: AnyModel,
): Promise<{ readonly local: readonly LocalKernel[]; readonly global: Tensor | undefined }> {
  const [tensors, { options }] = await Promise.all([tensorsOf(model), model.info()])
  const gaussian = options.kernel === 'gaussian'
  const layers = [
    ['input', 'input_user_points', 'input_hidden_points'],
    ['hidden', 'hidden_row_points', 'hidden_column_points'],
    ['output', 'output_user_points', 'output_hidden_points'],
  ] as const
  const dimensions = Number(options.kernelDimensions)
  const local = layers.flatMap(([name, first, second]) => {
    const [left, right] = [tensors.get(first), tensors.get(second)]
    return left && right ? [localKernel(name, left.values, right.values, dimensions, gaussian)] : []
  })
  return { local, global: tensors.get('global_kernel') }
}

function localKernel(
  name: string,
  left: Float32Array,
  right: Float32Array,
  dimensions: number,
  gaussian: boolean,
): LocalKernel {
  const [rows, columns] = [left.length / dimensions, right.length / dimensions]
  const kernel = (row: number, column: number) => {
    let squared = 0
    for (let d = 0; d < dimensions; d++) {
      squared += ((left[row * dimensions + d] ?? 0) - (right[column * dimensions + d] ?? 0)) ** 2
    }
    return gaussian ? Math.exp(-squared) : Math.max(0, 1 - squared)
  }
  let [zeros, seen, low, high] = [0, 0, 1, 0]
  // A sample of rows is enough to tell shares and ends.
  const step = Math.max(1, Math.floor(rows / 200))
  for (let row = 0; row < rows; row += step) {
    for (let column = 0; column < columns; column++) {
      const value = kernel(row, column)
      seen++
      if (value === 0) zeros++
      low = Math.min(low, value)
      high = Math.max(high, value)
    }
  }
  return { name, left: rows, right: columns, kernel, zeros: zeros / Math.max(1, seen), low, high }
}

function rowsOf({ shape: [rows = 0, columns = 0], values }: Tensor): number[][] {
  return Array.from({ length: rows }, (_, row) => [...values.subarray(row * columns, (row + 1) * columns)])
}

async function matrixOf(model: AnyModel, data: Data) {
  const order = (counts: Uint32Array, most: number) =>
    [...counts.keys()].sort((a, b) => (counts[b] ?? 0) - (counts[a] ?? 0)).slice(0, most)
  const known = new Set(await model.userIds())
  const users = order(data.rowsPerUser, 60).filter((user) => known.has(data.users[user] ?? ''))
  const items = order(data.rowsPerItem, 90)
  const names = users.map((user) => data.users[user] ?? '')
  const pairs = names.flatMap((user) => items.map((item) => [user, data.items[item] ?? ''] as const))
  const [predicted, histories] = await Promise.all([
    model.predict(pairs, { unknown: 'skip' }),
    Promise.all(names.map((user) => historyOf(data, user))),
  ])
  const had = histories.map((history) => new Set(history))
  const where = Float32Array.from(predicted, (value, cell) => {
    const [row, column] = [Math.floor(cell / items.length), cell % items.length]
    return had[row]?.has(items[column] ?? -1) ? value : Number.NaN
  })
  return { users: users.length, items: items.length, predicted, known: where }
}
