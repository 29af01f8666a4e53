import type { OptionDescription } from 'tastespace'
import { words } from '../parts/words.ts'

interface Props {
  readonly option: OptionDescription
  /** What it is where nothing is given. */
  readonly usual: unknown
  readonly value: unknown
  readonly onChange: (value: unknown) => void
}

/** One option: its name, its range and meaning, and a field of its type. Undefined is the default. */
export function OptionField({ option, usual, value, onChange }: Props) {
  const id = `option-${option.name}`
  return (
    <div class={value === undefined ? 'option' : 'option changed'}>
      <label for={id}>{words(option.name)}</label>
      <Input id={id} option={option} usual={usual} value={value} onChange={onChange} />
      <p id={`${id}-doc`} class="doc">
        {plain(option.doc)} {range(option)}
      </p>
    </div>
  )
}

function Input({ id, option, usual, value, onChange }: Props & { id: string }) {
  const described = { id, 'aria-describedby': `${id}-doc` }
  const set = (next: unknown) => onChange(same(next, usual) ? undefined : next)
  if (option.type === 'boolean' || option.type === 'choice') {
    const choices = option.type === 'boolean' ? ['true', 'false'] : (option.choices ?? [])
    return (
      <select
        {...described}
        value={String(value ?? usual)}
        onChange={(event) => {
          const chosen = event.currentTarget.value
          set(option.type === 'boolean' ? chosen === 'true' : chosen)
        }}
      >
        {choices.map((choice) => (
          <option key={choice} value={choice}>
            {option.type === 'boolean' ? (choice === 'true' ? 'yes' : 'no') : choice}
          </option>
        ))}
      </select>
    )
  }
  if (option.type === 'integer' || option.type === 'number') {
    return (
      <input
        {...described}
        type="number"
        step={option.type === 'integer' ? 1 : 'any'}
        {...(option.min !== undefined && { min: option.min })}
        {...(option.max !== undefined && { max: option.max })}
        placeholder={usual === null ? (option.or ?? '') : ''}
        value={value === undefined ? (usual === null ? '' : Number(usual)) : Number(value)}
        onChange={(event) => {
          const text = event.currentTarget.value
          set(text === '' ? undefined : Number(text))
        }}
      />
    )
  }
  return (
    <input
      {...described}
      value={[value ?? usual].flat().join(', ')}
      onChange={(event) => {
        const parts = event.currentTarget.value.split(',').map((part) => part.trim())
        set(parts[0] === '' ? undefined : option.type === 'integers' ? parts.map(Number) : parts)
      }}
    />
  )
}

const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b)

const plain = (doc: string) => doc.replaceAll('`', '')

function range({ min, max, below, default: usual, type }: OptionDescription): string {
  const ends = [
    min !== undefined && `from ${min}`,
    max !== undefined ? `to ${max}` : below !== undefined && `below ${below}`,
  ]
  const limits = ends.filter(Boolean).join(' ')
  const start =
    usual === null || type === 'boolean' || type === 'choice' ? '' : `, ${[usual].flat().join(', ')} by default`
  return limits ? `(${limits}${start})` : ''
}
