// Installs the peers: Python's in an environment of their own outside the clone, npm's in this folder. Needs Python 3.11,
// its venv module and a C++ compiler.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Failure, main, work } from '../../scripts/lib/command.mjs'
import { complete, environment, python, standIns } from '../lib/python.mjs'

const here = fileURLToPath(new URL('.', import.meta.url))
const program = join(environment, 'bin', 'python')

// The flags of LIBMF's Makefile; its Python package leaves SIMD out.
const CFLAGS = '-O3 -march=native -DUSESSE'

await main(async () => {
  await work('Installing the peers of npm', 'npm', ['ci', '--no-audit', '--no-fund'], { cwd: here })
  if (python()) return
  if (process.platform !== 'linux') throw new Failure('The peers in Python are installed on Linux only.')
  rmSync(environment, { recursive: true, force: true })
  await work('Making an environment for Python', 'python3', ['-m', 'venv', environment])
  // The list is complete, so torch is installed without CUDA's libraries.
  const pip = ['-m', 'pip', 'install', '--no-deps', '--no-cache-dir', '-r', join(here, 'requirements.txt')]
  await work('Installing the peers of PyPI', program, pip, { env: { ...process.env, CFLAGS } })
  // Its setup.py does not support isolated builds.
  const old = ['--no-build-isolation', '--no-use-pep517', 'lightfm==1.17']
  await work('Building LightFM', program, ['-m', 'pip', 'install', '--no-deps', '--no-cache-dir', ...old])
  await work("Standing in for CUDA's libraries", program, [join(here, 'cuda_stand_ins.py'), standIns])
  const env = { ...process.env, LD_LIBRARY_PATH: standIns }
  await work('Trying them', program, ['-c', 'import cornac, surprise, libmf, lightfm, torch, implicit, faiss'], { env })
  complete()
})
