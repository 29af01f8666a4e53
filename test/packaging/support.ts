import { execFile } from 'node:child_process'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { BiasedMF, Dataset } from 'tastespace'
import { afterAll } from 'vitest'

const run = promisify(execFile)

/** Timeout for npm, which may have to download packages. */
export const MINUTES = 5 * 60_000

const folders: string[] = []
afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true })
})

async function temporaryFolder(name: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), name))
  folders.push(folder)
  return folder
}

/** Makes the tarball that would be published; resolves with its path. */
export async function pack(): Promise<string> {
  const folder = await temporaryFolder('tastespace-')
  const root = fileURLToPath(new URL('../..', import.meta.url))
  const name = await runIn(root, 'npm', 'pack', '--silent', '--pack-destination', folder)
  return join(folder, name.trim())
}

/** Copies a project of this folder into a temporary folder and installs the tarball; resolves with the path. */
export async function install(project: string, tarball: string): Promise<string> {
  // A path that must be encoded to be a URL.
  const folder = await temporaryFolder(`100% ${project} `)
  await cp(new URL(project, import.meta.url), folder, { recursive: true })
  // Without install scripts: the package must work where they are not allowed.
  const options = ['--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund']
  await runIn(folder, 'npm', 'install', ...options, tarball)
  return folder
}

/** Runs a program in a folder; resolves with what it printed. */
export async function runIn(folder: string, program: string, ...args: string[]): Promise<string> {
  const { stdout } = await run(program, args, { cwd: folder, timeout: MINUTES })
  return stdout
}

/** The recommendations that every project must return. */
export async function recommended(): Promise<unknown> {
  const data = await Dataset.synthetic({ users: 60, items: 40, ratings: 900 })
  const model = await BiasedMF.create()
  await model.fit(data, { epochs: 1 })
  return model.recommend(['1'])
}
