import { useSignal } from '@preact/signals'
import type { AnyModel } from 'tastespace'
import { shown } from '../errors.ts'
import { size } from '../numbers.ts'
import { download } from '../parts/download.ts'
import { NoModel, RunChoice } from '../parts/run-choice.tsx'
import { state } from '../state.ts'
import { chosenDone } from '../train/queue.ts'
import type { Run } from '../train/run.ts'
import { codeFor } from './code.ts'
import { Compared } from './compared.tsx'
import { linkTo, recipeOf } from './recipe.ts'
import { Report } from './report.tsx'

export function TakePart() {
  const run = chosenDone()
  const data = state.data.value
  if (!data || !run?.model) return <NoModel what="This part" />
  const link = linkTo(recipeOf(run, data))
  return (
    <div class="take">
      <section class="card">
        <RunChoice />
        <Compared run={run} />
        <h2>The model</h2>
        <p>
          A file for <code>loadModel</code>, in Node and in browsers, and for <code>npx tastespace recommend</code>.
        </p>
        {run.hash && (
          <p class="hash">
            SHA-256 <code>{run.hash}</code>
          </p>
        )}
        <Models key={run.id} run={run} model={run.model} />
      </section>
      <section class="card">
        <h2>A link to it</h2>
        <p>
          {data.files
            ? `It holds the kind of model, its options, seed and split, and the SHA-256 of ${data.name}, but not the file. Whoever has ${data.files.items ? `that file and ${data.files.items.name}` : 'that file'} gets the same model, bit for bit.`
            : 'Whoever opens it gets the same model, bit for bit, and the same metrics.'}
        </p>
        <Copied label="Link" text={link} rows={3} />
      </section>
      <section class="card">
        <h2>The same in Node</h2>
        <Copied label="Program" text={codeFor(run, data)} rows={9} />
      </section>
      <Report data={data} />
    </div>
  )
}

function Models({ run, model }: { run: Run; model: AnyModel }) {
  const save = (options: { readonly users?: boolean }) =>
    shown(async () => {
      const bytes = await model.toBytes(options)
      const name = `${run.kind}${options.users === false ? '-without-users' : ''}.safetensors`
      saved.value = `${name}, ${size(bytes.byteLength)}`
      download(name, 'application/octet-stream', bytes)
    })
  const saved = useSignal('')
  return (
    <>
      <p class="buttons">
        <button type="button" class="primary" onClick={() => void save({})}>
          Download the model
        </button>
        {run.kind !== 'glocal-k' && (
          <button type="button" onClick={() => void save({ users: false })}>
            Without users, for a public page
          </button>
        )}
      </p>
      {saved.value && (
        <p class="hint" role="status">
          {saved.value}
        </p>
      )}
    </>
  )
}

/** A text with a button that copies it. */
function Copied({ label, text, rows }: { label: string; text: string; rows: number }) {
  const copied = useSignal(false)
  return (
    <>
      <textarea aria-label={label} readOnly rows={rows} value={text} spellcheck={false} />
      <p class="buttons">
        <button
          type="button"
          onClick={async (event) => {
            const area = event.currentTarget.parentElement?.previousElementSibling
            try {
              await navigator.clipboard.writeText(text)
              copied.value = true
              setTimeout(() => {
                copied.value = false
              }, 2000)
            } catch {
              // A page that may not write to the clipboard selects the text instead.
              if (area instanceof HTMLTextAreaElement) area.select()
            }
          }}
        >
          {copied.value ? 'Copied' : `Copy the ${label.toLowerCase()}`}
        </button>
      </p>
    </>
  )
}
