// Every engine of the bench. A peer is added by its file in ../peers, a line here, and its name in a workload.
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { pickChromium } from '../../scripts/lib/chromium.mjs'
import { buildNative } from './native.mjs'
import { peers, python } from './python.mjs'

const node = process.execPath
const path = (file) => fileURLToPath(new URL(file, import.meta.url))
const train = path('../wasm/train.mjs')
const inPage = async () => ({
  program: node,
  args: [path('../wasm/chromium.mjs')],
  env: { CHROMIUM: await pickChromium() },
})

/** The command that installs the peers. */
export const SETUP = 'node bench/peers/setup.mjs'

function inPython(label, file) {
  const start = () => {
    const found = python()
    return found ? { ...found, args: [path(`../peers/${file}`)] } : { missing: `no environment: ${SETUP} makes it` }
  }
  return { label, start }
}

function inTensorFlow(file) {
  const start = () => {
    const installed = existsSync(new URL('node_modules', peers))
    return installed ? { program: node, args: [path(`../peers/${file}`)] } : { missing: `not installed: ${SETUP} does` }
  }
  return { label: 'TensorFlow.js', start }
}

/**
 * Engines by name. `ours` run the same code and must agree to the last bit. Engines that are `asked` for run only if a case or
 * the command names them.
 */
export const ENGINES = {
  'wasm-st': {
    label: 'WASM, build st',
    ours: true,
    job: { build: 'st' },
    start: () => ({ program: node, args: [train] }),
  },
  wasm: { label: 'WASM', ours: true, job: { build: 'mt' }, start: () => ({ program: node, args: [train] }) },
  chromium: { label: 'Chromium', ours: true, asked: true, job: { build: 'mt' }, start: inPage },
  'chromium-st': { label: 'Chromium, build st', ours: true, asked: true, job: { build: 'st' }, start: inPage },
  native: { label: 'native', ours: true, start: async () => ({ program: await buildNative('native'), args: [] }) },
  'native-cpu': {
    label: 'native, target-cpu=native',
    ours: true,
    start: async () => ({ program: await buildNative('native-cpu'), args: [] }),
  },
  cornac: inPython('Cornac', 'cornac_mf.py'),
  'cornac-shuffled': { ...inPython('Cornac, rows shuffled', 'cornac_mf.py'), job: { shuffled: true } },
  surprise: inPython('Surprise', 'surprise_svd.py'),
  implicit: inPython("implicit's ALS, exact", 'implicit_als.py'),
  'implicit-cg': { ...inPython("implicit's ALS, conjugate gradient", 'implicit_als.py'), job: { cg: true } },
  libmf: inPython('LIBMF', 'libmf_mf.py'),
  pytorch: inPython('PyTorch', 'pytorch_mf.py'),
  'pytorch-glocal-k': inPython("PyTorch, SciPy's L-BFGS-B", 'pytorch_glocal_k.py'),
  'pytorch-glocal-k-own': { ...inPython('PyTorch, its own L-BFGS', 'pytorch_glocal_k.py'), job: { lbfgs: 'torch' } },
  'pytorch-d2l': inPython('PyTorch, D2L', 'pytorch_d2l.py'),
  'pytorch-attrec': inPython('PyTorch', 'pytorch_attrec.py'),
  'pytorch-sasrec': inPython('PyTorch', 'pytorch_sasrec.py'),
  'pytorch-cml': inPython('PyTorch', 'pytorch_cml.py'),
  lightfm: inPython('LightFM, WARP', 'lightfm_warp.py'),
  'pytorch-lrml': inPython('PyTorch', 'pytorch_lrml.py'),
  tfjs: inTensorFlow('tfjs-mf.mjs'),
  'tfjs-glocal-k': inTensorFlow('tfjs-glocal-k.mjs'),
}

/** `cornac ×1`, as workloads, records and tables name an engine on a number of threads. */
export const named = (engine, threads) => `${engine} ×${threads}`
