import type { Files } from './data.ts'

/** Encodings of text that are still met, by their labels in the Encoding Standard. */
const ENCODINGS = [
  'utf-8',
  'utf-16le',
  'windows-1250',
  'windows-1251',
  'windows-1252',
  'shift_jis',
  'gb18030',
  'big5',
  'euc-kr',
]

interface Props {
  /** The label that was chosen before. */
  readonly chosen: string | undefined
  readonly onChoose: (encoding: string | undefined) => void
}

/** The encoding of a text file, where it is not recognised. */
export function EncodingChoice({ chosen, onChoose }: Props) {
  const labels = chosen === undefined || ENCODINGS.includes(chosen) ? ENCODINGS : [chosen, ...ENCODINGS]
  return (
    <label>
      Encoding{' '}
      <select value={chosen ?? ''} onChange={(event) => onChoose(event.currentTarget.value || undefined)}>
        <option value="">by content</option>
        {labels.map((label) => (
          <option key={label} value={label}>
            {label}
          </option>
        ))}
      </select>
    </label>
  )
}

/** The same files, to be read by another encoding. */
export function withEncoding({ layout, ...files }: Files, encoding: string | undefined): Files {
  const { encoding: _, ...others } = layout ?? {}
  return { ...files, layout: { ...others, ...(encoding !== undefined && { encoding }) } }
}
