import type { Explanation } from 'tastespace'
import { metric } from '../numbers.ts'
import { words } from './words.ts'

/** Why an item is recommended: the parts of its score, and the items that speak for it. */
export function ExplanationView({ explanation }: { explanation: Explanation }) {
  const { parts, items, nearest } = explanation
  const highest = Math.max(
    1e-9,
    ...parts.map(({ value }) => Math.abs(value)),
    ...items.map(({ value }) => Math.abs(value)),
  )
  const strongest = [...items].sort((a, b) => Math.abs(b.value) - Math.abs(a.value)).slice(0, 5)
  return (
    <div class="why">
      <Values rows={parts.map(({ name, value }) => ({ name: words(name), value }))} highest={highest} />
      {strongest.length > 0 && (
        <>
          <p>from</p>
          <Values
            rows={strongest.map(({ item, title, value }) => ({ name: title || item, value }))}
            highest={highest}
          />
        </>
      )}
      {nearest.length > 0 && (
        <p>
          Near{' '}
          {nearest.slice(0, 3).map(({ item, title, distance }, index) => (
            <span key={item}>
              {index > 0 && ', '}
              {title || item} <small>({metric(distance)})</small>
            </span>
          ))}
        </p>
      )}
    </div>
  )
}

function Values({
  rows,
  highest,
}: {
  rows: readonly { readonly name: string; readonly value: number }[]
  highest: number
}) {
  return (
    <table class="values">
      <tbody>
        {rows.map(({ name, value }) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td class="number">{metric(value)}</td>
            <td class="signed">
              <span class={value < 0 ? 'less' : 'more'} style={{ width: `${(50 * Math.abs(value)) / highest}%` }} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
