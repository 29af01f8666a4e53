// Facts about the machine that results depend on.
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os'
import { fileURLToPath } from 'node:url'
import { ask } from '../../scripts/lib/command.mjs'
import { NATIVE_FLAGS } from './native.mjs'

const processor = cpus()[0]?.model ?? process.arch

/** A name of the kind of machine, such as `amd-epyc-2c`. */
export const machine = `${slug(processor)}-${availableParallelism()}c`

function slug(model) {
  const words = model.replace(/\(.*?\)|@.*|\b(CPU|Processor|\d+-Core)\b/g, ' ')
  return (
    words
      .toLowerCase()
      .match(/[a-z0-9]+/g)
      ?.join('-') ?? 'unknown'
  )
}

/** The load averages of the last 1, 5 and 15 minutes, as text. */
export const load = () =>
  loadavg()
    .map((value) => value.toFixed(2))
    .join(' ')

/** Waits until the machine is nearly idle. Returns whether it is. */
export async function quiet(minutes, onWait) {
  for (let waited = 0; loadavg()[0] > 0.5; waited += 0.25) {
    if (waited >= minutes) return false
    onWait(loadavg()[0])
    await new Promise((resolve) => setTimeout(resolve, 15_000))
  }
  return true
}

/** Values by name, one per line. */
export const listed = (values) =>
  Object.entries(values)
    .map(([name, value]) => `${name}: ${value}`)
    .join('\n')

/** Machine, tools and source: values by name. */
export function facts() {
  const changed = ask('git', ['status', '--porcelain', '--untracked-files=no'])
  const wasm = ask(process.execPath, [
    fileURLToPath(new URL('../../crates/wasm/build.mjs', import.meta.url)),
    '--which',
  ])
  return {
    processor: `${processor}, ${availableParallelism()} cores`,
    memory: `${(totalmem() / 2 ** 30).toFixed(0)} GiB`,
    system: `${process.platform} ${process.arch}`,
    node: `${process.version}, V8 ${process.versions.v8}`,
    'compiler of WASM': `${wasm}; opt-level 3, fat LTO, simd128`,
    'compiler of native': `${ask('rustc', ['-V'])}; opt-level 3, fat LTO; native-cpu: ${NATIVE_FLAGS['native-cpu']}`,
    commit: `${ask('git', ['rev-parse', 'HEAD'])}${changed ? ', with uncommitted changes' : ''}`,
  }
}
