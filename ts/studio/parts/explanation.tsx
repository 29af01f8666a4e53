import type { Explanation } from 'tastespace'
import { metric } from '../numbers.ts'
import { words } from './words.ts'

/** Why an item is recommended: the parts of its score, and the items that speak for it. */
export function ExplanationView({ explanation }: { explanation: Explanation }) {
  const { parts, items, nearest } = explanation
  const strongest = [...items].sort((a, b) => Math.abs(b.value) - Math.abs(a.value)).slice(0, 5)
  // A score of one part says nothing that the score does not say: its bar would only make those of the items invisible.
  const inParts = parts.length > 1
  const highest = highestOf(inParts ? [...parts, ...strongest] : strongest)
  return (
    <div class="why">
      {inParts || strongest.length === 0 ? (
        <Values
          rows={parts.map(({ name, value }) => ({ name: words(name), value }))}
          highest={inParts ? highest : highestOf(parts)}
        />
      ) : (
        <p>{metric(parts.reduce((sum, { value }) => sum + value, 0))} in all</p>
      )}
      {strongest.length > 0 && (
        <>
          <p>{inParts ? 'from' : 'the largest parts, by item'}</p>
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

const highestOf = (rows: readonly { readonly value: number }[]) =>
  Math.max(1e-9, ...rows.map(({ value }) => Math.abs(value)))

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
