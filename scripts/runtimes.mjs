// Trains every kind in each runtime with the package as npm installs it, and compares the bytes of the model files:
// `npm run runtimes`. Needs npm's registry, which has the runtimes too. workerd and Chromium have tests of their own.
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pickChromium } from './lib/chromium.mjs'
import { ask, Failure, main, watch, work } from './lib/command.mjs'
import { root } from './lib/root.mjs'

const { platform, arch } = process

const BUN = `@oven/bun-${platform}-${arch === 'arm64' ? 'aarch64' : arch}`
const DENO = `@deno/${platform}-${arch}${platform === 'linux' ? '-glibc' : ''}`
const node = (version) => ({
  name: `Node ${version}`,
  alias: `node-${version}`,
  installed: `npm:node-${platform}-${arch}@${version}`,
  program: 'bin/node',
  flags: [],
})

const RUNTIMES = [
  ...['20', '22', '24', 'latest'].map(node),
  { name: 'Bun', alias: 'bun', installed: `npm:${BUN}@latest`, program: 'bin/bun', flags: [] },
  { name: 'Deno', alias: 'deno', installed: `npm:${DENO}@latest`, program: 'deno', flags: ['run', '--allow-all'] },
]

await main(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tastespace-runtimes-'))
  try {
    await install(folder)
    const results = RUNTIMES.map((runtime) => ({ name: runtime.name, ...tried(folder, runtime) }))
    results.push(
      { name: 'workerd', ...(await tests('test/packaging/edge.test.ts')) },
      { name: 'Chromium', ...(await tests('test/browser', { CHROMIUM: await pickChromium() })) },
    )
    for (const { name, version, faults, summary } of results) {
      console.log(`${name.padEnd(12)} ${(version ?? '').padEnd(12)} ${faults ? 'FAILED: ' : ''}${summary}`)
    }
    const failed = results.filter(({ faults }) => faults)
    if (failed.length > 0) throw new Failure(`failed in ${failed.map(({ name }) => name).join(', ')}`)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

async function install(folder) {
  const tarball = ask('npm', ['pack', '--silent', '--pack-destination', folder, root])
  if (!tarball) throw new Failure('npm pack failed: run `npm run build` first')
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }\n')
  const packages = RUNTIMES.map(({ alias, installed }) => `${alias}@${installed}`)
  const flags = ['--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund']
  await work('Installing the runtimes', 'npm', ['install', ...flags, join(folder, tarball), ...packages], {
    cwd: folder,
  })
  copyFileSync(join(root, 'test/runtimes/bits.mjs'), join(folder, 'bits.mjs'))
  copyFileSync(join(root, 'test/fixtures/bits.json'), join(folder, 'bits.json'))
}

/** Runs the program of the bits in a runtime. */
function tried(folder, { alias, program, flags }) {
  const path = join(folder, 'node_modules', alias, program)
  const { version } = createRequire(join(folder, 'package.json'))(`./node_modules/${alias}/package.json`)
  const { status, stdout, stderr } = spawnSync(path, [...flags, 'bits.mjs'], { cwd: folder, encoding: 'utf8' })
  const last = stdout?.trim().split('\n').at(-1)
  if (status !== 0 || !last) return { version, faults: 1, summary: stderr?.trim() || `exit status ${status}` }
  const { cases, build, threads, wrong } = JSON.parse(last)
  const other = wrong.map(({ kind, options }) => `${kind} ${JSON.stringify(options)}`).join(', ')
  const summary = wrong.length > 0 ? `other bytes: ${other}` : `${cases} models with the same bytes`
  return { version, faults: wrong.length, summary: `${summary} (${build}, ${threads} threads)` }
}

async function tests(path, env = {}) {
  const run = { cwd: root, env: { ...process.env, ...env } }
  const { status, output } = await watch('npx', ['--no-install', 'vitest', 'run', path], run)
  return { faults: status, summary: /Tests\s+(.*)/.exec(output)?.[1] ?? 'no tests' }
}
