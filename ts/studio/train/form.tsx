import { useSignal } from '@preact/signals'
import { checkOptions, type KindDescription, type OptionDescription } from 'tastespace'
import { changeThreads } from '../data/load.ts'
import { errorData } from '../errors.ts'
import { counted } from '../numbers.ts'
import { state } from '../state.ts'
import type { Form } from '../train/run.ts'
import { OptionField } from './field.tsx'
import { enqueue } from './queue.ts'

/** Options to try first; the others are folded away. */
const FIRST = 5

export function TrainForm() {
  const description = state.description.value
  const form = state.form.value
  const wrong = useSignal<string | undefined>(undefined)
  const model = description?.models.find(({ kind }) => kind === form.kind)
  if (!model) return <section class="card form" />
  const change = (changes: Partial<Form>) => {
    wrong.value = undefined
    state.form.value = { ...form, ...changes }
  }
  const submit = async () => {
    const { engine } = state
    try {
      await checkOptions('model', form.options, { kind: form.kind, ...(engine.value && { engine: engine.value }) })
      // Kinds in closed form have no field for epochs: what another kind was given is not theirs.
      enqueue(model.epochs > 1 ? form : { ...form, epochs: undefined })
    } catch (error) {
      wrong.value = errorData(error).message
    }
  }
  return (
    <form
      class="card form"
      onSubmit={(event) => {
        event.preventDefault()
        void submit()
      }}
    >
      <h2>Model</h2>
      {(['ranking', 'rating'] as const).map((task) => (
        <fieldset key={task} class="kinds">
          <legend>{task === 'ranking' ? 'Learn to rank' : 'Learn to predict ratings'}</legend>
          {description?.models
            .filter((each) => each.task === task)
            .map(({ kind }) => (
              <label key={kind} class={kind === form.kind ? 'kind chosen' : 'kind'}>
                <input
                  type="radio"
                  name="kind"
                  value={kind}
                  checked={kind === form.kind}
                  onChange={() => change({ kind, options: {} })}
                />
                {kind}
              </label>
            ))}
        </fieldset>
      ))}
      <p class="summary">
        {model.summary} <small>{model.source}</small>
      </p>
      <Presets model={model} form={form} change={change} />
      <Options model={model} form={form} change={change} />
      <div class="pair">
        <label>
          <span>seed</span>
          <input
            type="number"
            min={0}
            step={1}
            value={form.seed}
            onChange={(event) => change({ seed: Math.max(0, Math.round(Number(event.currentTarget.value))) })}
          />
        </label>
        {model.epochs > 1 && (
          <label>
            <span>epochs</span>
            <input
              type="number"
              min={1}
              step={1}
              placeholder="early stopping"
              value={form.epochs ?? ''}
              onChange={(event) => {
                const { value } = event.currentTarget
                change({ epochs: value === '' ? undefined : Math.max(1, Math.round(Number(value))) })
              }}
            />
          </label>
        )}
      </div>
      {wrong.value && (
        <p class="wrong" role="alert">
          {wrong.value}
        </p>
      )}
      <button type="submit" class="primary wide">
        Train {form.kind}
      </button>
      <Threads />
    </form>
  )
}

interface Fields {
  readonly model: KindDescription
  readonly form: Form
  readonly change: (changes: Partial<Form>) => void
}

function Presets({ model, form, change }: Fields) {
  if (model.presets.length === 0) return null
  const { preset = '' } = form.options
  return (
    <label class="option">
      <span>preset</span>
      <select
        value={String(preset)}
        onChange={(event) => {
          const name = event.currentTarget.value
          change({ options: name ? { preset: name } : {} })
        }}
      >
        <option value="">defaults</option>
        {model.presets.map(({ name, doc }) => (
          <option key={name} value={name} title={doc}>
            {name}
          </option>
        ))}
      </select>
    </label>
  )
}

function Options({ model, form, change }: Fields) {
  const preset = model.presets.find(({ name }) => name === form.options.preset)
  const field = (option: OptionDescription) => (
    <OptionField
      key={option.name}
      option={option}
      usual={preset?.options[option.name] ?? option.default}
      value={form.options[option.name]}
      onChange={(value) => {
        const { [option.name]: _, ...others } = form.options
        change({ options: value === undefined ? others : { ...others, [option.name]: value } })
      }}
    />
  )
  const rest = model.options.slice(FIRST)
  return (
    <>
      {model.options.slice(0, FIRST).map(field)}
      {rest.length > 0 && (
        <details class="more">
          <summary>{counted(rest.length, 'more option')}</summary>
          {rest.map(field)}
        </details>
      )}
    </>
  )
}

function Threads() {
  const engine = state.engine.value
  const most = navigator.hardwareConcurrency
  if (!engine) return null
  const bits = 'Same data, options and seed give the same bits on any number of threads, here and in Node.'
  if (engine.reason || most < 2) return <p class="hint">Trains on one thread. {bits}</p>
  return (
    <p class="hint">
      <label>
        <span>Threads</span>
        <select
          value={String(engine.threads)}
          onChange={(event) => void changeThreads(Number(event.currentTarget.value))}
        >
          {Array.from({ length: most }, (_, index) => (
            <option key={`${index + 1}`} value={String(index + 1)}>
              {index + 1}
            </option>
          ))}
        </select>
      </label>{' '}
      {bits} Changing the number reads the data again and drops trained models.
    </p>
  )
}
