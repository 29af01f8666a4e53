// The Python package for Spark, as a wheel in an environment of its own in `target/`.
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { ask, work } from '../scripts/lib/command.mjs'
import { root } from '../scripts/lib/root.mjs'
import { hashOf, unlessStamped } from '../scripts/lib/stamp.mjs'

/** Lowest version of Python with the versions in `requirements.txt`. */
const LOWEST = [3, 11]

const ENVIRONMENT = 'target/python'

/** The Python of the environment, which is made where it is not current; or why there is none. */
export async function pythonEnvironment() {
  const version = ask('python3', ['-c', 'import sys; print(*sys.version_info[:2])'])
  const [major = 0, minor = 0] = version?.split(' ').map(Number) ?? []
  if (major !== LOWEST[0] || minor < LOWEST[1]) return { missing: `Python ${LOWEST.join('.')} or later` }
  const program = join(root, ENVIRONMENT, 'bin/python')
  const pip = ['-m', 'pip', 'install', '--no-deps', '--quiet', '--disable-pip-version-check']
  await unlessStamped(
    `${ENVIRONMENT}.stamp`,
    hashOf(['python/requirements.txt'], { texts: [version] }),
    [ENVIRONMENT],
    async () => {
      rmSync(join(root, ENVIRONMENT), { recursive: true, force: true })
      await work('Making an environment for Python', 'python3', ['-m', 'venv', join(root, ENVIRONMENT)])
      await work('Installing the packages of Python', program, [...pip, '-r', 'python/requirements.txt'], { cwd: root })
    },
  )
  const sources = ['python/src', 'python/pyproject.toml', 'python/README.md', 'python/requirements.txt']
  const hash = hashOf(sources, { keep: (file) => !file.includes('__pycache__'), texts: [version] })
  await unlessStamped(`${ENVIRONMENT}-package.stamp`, hash, [ENVIRONMENT], () =>
    work('Building the package of Python', program, [...pip, '--force-reinstall', '--no-build-isolation', './python'], {
      cwd: root,
    }),
  )
  return { program }
}

/** Whether there is Java, which Spark needs. */
export function hasJava() {
  const { JAVA_HOME } = process.env
  return (JAVA_HOME !== undefined && existsSync(JAVA_HOME)) || ask('java', ['-version']) !== undefined
}
