import { useEffect, useRef } from 'preact/hooks'

interface Props {
  readonly label: string
  readonly rows: number
  readonly columns: number
  /** The value of a cell; NaN is empty. */
  readonly value: (row: number, column: number) => number
  readonly low: number
  readonly high: number
}

/** A matrix as a picture: one pixel a cell, from pale to strong. */
export function HeatMap({ label, rows, columns, value, low, high }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null)
  useEffect(() => {
    const context = canvas.current?.getContext('2d')
    if (!context || rows * columns === 0) return
    const image = context.createImageData(columns, rows)
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        const cell = value(row, column)
        const share = Math.max(0, Math.min(1, (cell - low) / (high - low || 1)))
        const [red, green, blue] = colourOf(share)
        image.data.set(Number.isNaN(cell) ? [0, 0, 0, 0] : [red, green, blue, 255], (row * columns + column) * 4)
      }
    }
    context.putImageData(image, 0, 0)
  })
  return <canvas ref={canvas} class="heat" width={columns} height={rows} role="img" aria-label={label} />
}

const STOPS = [
  [233, 238, 247],
  [148, 183, 226],
  [68, 119, 204],
  [42, 62, 140],
  [24, 24, 66],
] as const

/** A colour between pale and dark blue: it is read without seeing colours. */
export function colourOf(share: number): readonly [number, number, number] {
  const place = share * (STOPS.length - 1)
  const [from, to] = [STOPS[Math.floor(place)] ?? STOPS[0], STOPS[Math.ceil(place)] ?? STOPS[0]]
  const part = place - Math.floor(place)
  return [mixed(from[0], to[0], part), mixed(from[1], to[1], part), mixed(from[2], to[2], part)]
}

const mixed = (from: number, to: number, part: number) => Math.round(from + (to - from) * part)

/** A small matrix with names: a table whose cells are coloured. */
export function NamedHeatMap({ caption, rows, columns, values }: NamedProps) {
  const highest = Math.max(1e-9, ...values.flat())
  const scroll = useRef<HTMLDivElement>(null)
  // The latest items are the last columns, and the first to look at.
  useEffect(() => scroll.current?.scrollTo({ left: scroll.current.scrollWidth }), [columns.length])
  return (
    <figure>
      <figcaption>{caption}</figcaption>
      <div class="scroll" ref={scroll}>
        <table class="weights" aria-label={caption}>
          <thead>
            <tr>
              <td />
              {columns.map((name, place) => (
                <th key={`${place} ${name}`} scope="col">
                  <span>{name}</span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((name, row) => (
              <tr key={`${row} ${name}`}>
                <th scope="row">{name}</th>
                {columns.map((column, place) => {
                  const value = values[row]?.[place] ?? 0
                  const share = value / highest
                  return (
                    <td
                      key={`${place} ${column}`}
                      style={{
                        background: `rgb(${colourOf(share).join(' ')})`,
                        color: share > 0.35 ? '#fff' : '#1b2430',
                      }}
                    >
                      {columns.length <= 12 ? value.toFixed(2) : <span class="unseen">{value.toFixed(2)}</span>}
                    </td>
                  )
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </figure>
  )
}

interface NamedProps {
  readonly caption: string
  readonly rows: readonly string[]
  readonly columns: readonly string[]
  readonly values: readonly (readonly number[])[]
}
