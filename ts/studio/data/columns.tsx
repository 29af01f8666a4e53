import type { Data, Files } from '../state.ts'
import { load } from './load.ts'
import { day } from './view.tsx'

const MEANINGS = ['user', 'item', 'rating', 'time'] as const

/** The first rows under the columns that were recognised, which can be corrected. */
export function Columns({ data, files }: { data: Data; files: Files }) {
  const { source, sample, unread } = data.info
  const columns = source?.columns ?? {}
  const names = [...new Set([...Object.values(columns), ...unread])]
  const choose = (meaning: string, name: string) => {
    const chosen = Object.entries({ ...columns, [meaning]: name }).filter(
      ([each, column]) => column && (each === meaning || column !== name),
    )
    void load({ ...files, columns: Object.fromEntries(chosen) }, data.split)
  }
  return (
    <div class="scroll">
      <table>
        <caption>
          {source ? `${source.format}, ${source.encoding}` : 'First rows'}
          {source && source.skipped.rows > 0 && ` · ${source.skipped.rows} rows left out`}
          {unread.length > 0 && ` · not read: ${unread.join(', ')}`}
        </caption>
        <thead>
          <tr>
            {MEANINGS.map((meaning) => (
              <th key={meaning}>
                {names.length > 1 ? (
                  <label>
                    {meaning}{' '}
                    <select
                      value={columns[meaning] ?? ''}
                      onChange={(event) => choose(meaning, event.currentTarget.value)}
                    >
                      {(meaning === 'rating' || meaning === 'time' || !columns[meaning]) && <option value="">–</option>}
                      {names.map((name) => (
                        <option key={name} value={name}>
                          {name}
                        </option>
                      ))}
                    </select>
                  </label>
                ) : (
                  meaning
                )}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {sample.map(({ user, item, rating, time }) => (
            <tr key={`${user} ${item}`}>
              <td>{user}</td>
              <td>{item}</td>
              <td>{rating}</td>
              <td>{time === undefined ? '' : day(time)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
