import { useSignal } from '@preact/signals'
import type { Data, Files, Unnamed } from '../data/data.ts'
import { day } from '../numbers.ts'
import { useAnswer } from '../parts/answer.ts'
import { state } from '../state.ts'
import { EncodingChoice, withEncoding } from './encoding.tsx'
import { load } from './load.ts'
import { MATRIX } from './remedies.ts'

const MEANINGS = ['user', 'item', 'rating', 'time'] as const

/** The first rows under the columns that were recognised, which can be corrected. */
export function Columns({ data, files }: { data: Data; files: Files }) {
  const { source, sample, unread } = data.info
  const columns = source?.columns ?? {}
  const names = [...new Set([...MEANINGS.flatMap((meaning) => columns[meaning] ?? []), ...unread])]
  const choose = (meaning: string, name: string) => {
    const chosen = Object.entries({ ...columns, [meaning]: name }).filter(
      ([each, column]) => column && (each === meaning || column !== name),
    )
    void load({ ...files, columns: Object.fromEntries(chosen) }, data.split)
  }
  return (
    <div class="scroll">
      {source?.encoding && (
        <EncodingChoice
          chosen={files.layout?.encoding}
          onChoose={(encoding) => void load(withEncoding(files, encoding), data.split)}
        />
      )}
      <table>
        <caption>
          {source ? `${source.format}, ${source.encoding}` : 'First rows'}
          {source && source.skipped.rows > 0 && ` · ${source.skipped.rows} rows left out`}
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

/** Asks for the columns of a file that the library does not recognise. */
export function ChooseColumns() {
  const unnamed = state.unnamed.value
  return unnamed ? <Choice key={unnamed} unnamed={unnamed} /> : null
}

/** The first lines of a text file, as they are. */
async function firstLines(file: Blob): Promise<string | undefined> {
  const text = await file.slice(0, 2000).text()
  // A compressed file has no lines to show.
  if (/[\0\uFFFD]/.test(text)) return undefined
  return text.split(/\r?\n/).slice(0, 4).join('\n')
}

function Choice({ unnamed: { files, split, columns, matrix } }: { unnamed: Unnamed }) {
  const chosen = useSignal<Readonly<Record<string, string>>>({})
  const lines = useAnswer(() => firstLines(files.ratings), [files])
  const named = Object.fromEntries(Object.entries(chosen.value).filter(([, name]) => name !== ''))
  return (
    <form
      class="card"
      onSubmit={(event) => {
        event.preventDefault()
        void load({ ...files, columns: named }, split)
      }}
    >
      <h2>What are the columns of {files.ratingsName}?</h2>
      {lines && (
        <section class="scroll" aria-label="First lines">
          <pre>{lines}</pre>
        </section>
      )}
      <p class="buttons">
        {MEANINGS.map((meaning) => (
          <label key={meaning}>
            <span>{meaning}</span>
            <select
              required={meaning === 'user' || meaning === 'item'}
              value={chosen.value[meaning] ?? ''}
              onChange={(event) => {
                chosen.value = { ...chosen.value, [meaning]: event.currentTarget.value }
              }}
            >
              <option value="">–</option>
              {columns.map(({ name, label }) => (
                <option key={name} value={name}>
                  {label}
                </option>
              ))}
            </select>
          </label>
        ))}
      </p>
      <p class="buttons">
        <button type="submit" class="primary">
          Read it
        </button>
        {matrix && (
          <button type="button" onClick={() => void load({ ...files, layout: { ...files.layout, ...matrix } }, split)}>
            {MATRIX}
          </button>
        )}
        <button
          type="button"
          class="quiet"
          onClick={() => {
            state.unnamed.value = undefined
          }}
        >
          Cancel
        </button>
      </p>
    </form>
  )
}
