// The generated reference, in Markdown.
import { isEmpty, meant, rangeOf, sentence, shown } from './words.mjs'

/** docs/options.md */
export function callReference({ split, ...calls }) {
  const sections = Object.entries(calls).map(([call, options]) => `## ${call}\n\n${optionsTable(options)}`)
  const splits = split.map(({ rule, doc, options }) => `### ${rule}\n\n${sentence(doc)}\n\n${optionsTable(options)}`)
  return `<!-- Written by scripts/generate.mjs from the options declared in crates. Not to be edited. -->
# Options of calls

As the engine takes them. The TypeScript API has the same names, except where its documentation says otherwise.

${sections.join('\n\n')}

## split

${splits.join('\n\n')}
`
}

/** docs/models.md */
export function reference(kinds) {
  const rows = kinds.map(
    ({ kind, name, task, sequential, summary, source }) =>
      `| [\`${kind}\`](#${kind}) | \`${name}\` | ${task}${sequential ? ', sequential' : ''} | ${summary} | ${source} |`,
  )
  return `<!-- Written by scripts/generate.mjs from the options declared in crates/models. Not to be edited. -->
# Models and their options

Every option is set in TypeScript (\`CML.create({ factors: 32 })\`) and on the command line (\`--set factors=32\`) by the same
name. \`tastespace train --help KIND\` prints the options of one kind.

| kind | class | task | what it is | source |
|---|---|---|---|---|
${rows.join('\n')}

${kinds.map(referenceOf).join('\n\n')}
`
}

/** Options as a table in Markdown. */
function optionsTable(options) {
  const cells = options.map((option) => {
    const { name, type, choices, expected, or, doc } = option
    const values = choices?.map((choice) => `\`${choice}\``).join(', ') ?? expected ?? rangeOf(option)
    const usual = or ? meant(or) : isEmpty(option.default) ? '' : `\`${shown(option.default)}\``
    return `| \`${name}\` | ${type === 'shape' ? '' : type} | ${values} | ${usual} | ${doc.replaceAll('|', '\\|')} |`
  })
  return ['| option | type | values | default | meaning |', '|---|---|---|---|---|', ...cells].join('\n')
}

function referenceOf({ kind, name, summary, epochs, patience, patienceAfter, options, presets }) {
  const earliest = patienceAfter ? `, at the earliest after ${patienceAfter.toLocaleString('en')} training rows` : ''
  const trained =
    epochs === 1
      ? 'Trained in one epoch.'
      : `Trains at most ${epochs} epochs by default, and stops after ${patience} without improvement on validation${earliest}.`
  const table = options.length > 0 ? optionsTable(options) : 'It has no options.'
  const named = presets.map(({ name, doc, options }) => {
    const values = Object.entries(options).map(([key, value]) => `\`${key}\` ${shown(value)}`)
    return `- \`preset: '${name}'\`: ${sentence(doc)} ${values.join(', ')}.`
  })
  return [
    `## ${kind}`,
    `\`${name}\`. ${sentence(summary)} ${trained}`,
    table,
    ...(named.length > 0 ? [named.join('\n')] : []),
  ].join('\n\n')
}
