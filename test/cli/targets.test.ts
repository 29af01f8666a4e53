import {
  chmodSync,
  chownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { TastespaceError, writeFile } from 'tastespace'
import { expect, test } from 'vitest'
import { ended, put, run, shell, shellWords, start, temporaryFolder } from './support.ts'

const folder = temporaryFolder()
const at = (name: string) => join(folder, name)
const rows = Array.from({ length: 400 }, (_, row) => `u${row % 20},i${(row * 7) % 31},${1 + (row % 5)}`)
put(folder, 'ratings.csv', rows.join('\n'))
const words = (out: string) => ['train', 'ratings.csv', '--model', 'pop', '--quiet', '--out', out]
const mode = (name: string) => statSync(at(name)).mode & 0o777

test('an existing file keeps its permissions and its owner', async () => {
  put(folder, 'mine.st', 'old')
  chmodSync(at('mine.st'), 0o600)
  const root = process.getuid?.() === 0
  if (root) chownSync(at('mine.st'), 1234, 4321)
  expect((await run(folder, ...words('mine.st'))).code).toBe(0)
  expect(mode('mine.st')).toBe(0o600)
  if (root) expect(statSync(at('mine.st'))).toMatchObject({ uid: 1234, gid: 4321 })
})

test('a new file has the permissions that the process gives to files', async () => {
  const { code } = await shell(folder, `umask 027; ${shellWords(...words('new.st'))}`)
  expect(code).toBe(0)
  expect(mode('new.st')).toBe(0o640)
})

test('a symbolic link stays one, and its target is written, also where there is none yet', async () => {
  mkdirSync(at('elsewhere'))
  symlinkSync('elsewhere/dangling.st', at('link.st'))
  for (const _ of [1, 2]) {
    expect((await run(folder, ...words('link.st'))).code).toBe(0)
    expect(lstatSync(at('link.st')).isSymbolicLink()).toBe(true)
    expect(statSync(at('elsewhere/dangling.st')).size).toBeGreaterThan(1000)
  }
})

test('the other hard links of a file keep its content', async () => {
  put(folder, 'one.st', 'old')
  linkSync(at('one.st'), at('two.st'))
  expect((await run(folder, ...words('one.st'))).code).toBe(0)
  expect(readFileSync(at('two.st'), 'utf8')).toBe('old')
})

put(folder, 'read-only.st', 'old')
chmodSync(at('read-only.st'), 0o444)
symlinkSync('circle-2.st', at('circle-1.st'))
symlinkSync('circle-1.st', at('circle-2.st'))
mkdirSync(at('folder'))
const pipe = await shell(folder, 'mkfifo pipe')
expect(pipe.code).toBe(0)

const refusals: [out: string, message: string][] = [
  ['read-only.st', 'it is read-only; give another name, or make it writable first'],
  ['folder', 'it is a folder'],
  ['ratings.csv/model.st', 'a part of its path is not a folder'],
  ['nowhere/model.st', 'there is no folder nowhere'],
  ['circle-1.st', 'its symbolic links form a circle'],
  ['pipe', 'it is a named pipe, and a plain file is needed; /dev/stdout writes to a pipe: --out /dev/stdout | …'],
  ['/dev/full', 'it is a device, and a plain file is needed; /dev/stdout writes to a pipe: --out /dev/stdout | …'],
  ['x'.repeat(256), 'its name is longer than the file system accepts, usually 255 bytes'],
  ['bad\ufffd.st', 'its name is not valid UTF-8, which Node needs; rename it'],
]

test.each(refusals)('%s is refused before any work', async (out, message) => {
  // The data does not exist either: it would be the error if it was read first.
  const { code, stdout, stderr } = await run(folder, 'train', 'no-data.csv', '--model', 'pop', '--out', out)
  expect({ code, stdout, stderr }).toEqual({
    code: 1,
    stdout: '',
    stderr: `tastespace: ${out} cannot be written: ${message}\n`,
  })
})

test('a name that is not UTF-8 cannot be read', async () => {
  await shell(folder, `cp ratings.csv $'bad\\xff.csv'`)
  const { code, stderr } = await shell(folder, `${shellWords('data', 'info')} $'bad\\xff.csv'`)
  expect(code).toBe(1)
  expect(stderr).toContain('its name is not valid UTF-8, which Node needs; rename it')
})

test('a name may be as long as the file system allows', async () => {
  for (const name of ['x'.repeat(255), 'ü'.repeat(127)]) {
    expect(await run(folder, ...words(name))).toMatchObject({ code: 0 })
  }
})

test('a pipe that the process was given is written, and the report goes elsewhere', async () => {
  await run(folder, ...words('whole.st'))
  const piped = await shell(folder, `${shellWords(...words('/dev/stdout'))} | cat > piped.st`)
  expect(piped).toMatchObject({ code: 0, stderr: expect.stringContaining('written to /dev/stdout') })
  expect(readFileSync(at('piped.st'))).toEqual(readFileSync(at('whole.st')))
  const to = await shell(folder, `${shellWords(...words('/dev/fd/3'))} 3> >(cat > given.st); sleep 0.5`)
  expect(to.code).toBe(0)
  expect(readFileSync(at('given.st'))).toEqual(readFileSync(at('whole.st')))
  expect((await run(folder, ...words('/dev/null'))).code).toBe(0)
})

test('Ctrl-C ends a program that waits for the writer of a pipe', async () => {
  const child = start(folder, ['train', 'pipe', '--model', 'pop', '--out', 'never.st'])
  const end = ended(child)
  await new Promise((resolve) => setTimeout(resolve, 1000))
  child.kill('SIGINT')
  expect(await end).toMatchObject({ code: 130 })
})

test('ratings can come from a named pipe', async () => {
  const { code, stderr } = await shell(
    folder,
    `(sleep 0.3; cat ratings.csv > pipe) & ${shellWords('data', 'info', 'pipe')}`,
  )
  expect(code, stderr).toBe(0)
})

test('what a killed process left for the same file is removed, and nothing else', async () => {
  const others = ['model.st.tmp-notes', 'other.st.tmp-000000-1-1-000000']
  for (const name of others) put(folder, name, 'of the user')
  // A process that has ended.
  const child = start(folder, [])
  await ended(child)
  await expect(
    writeFile(
      at('model.st'),
      (async function* () {
        yield 'a'
        const [name = ''] = readdirSync(folder).filter((name) => /^model\.st\.tmp-[0-9a-f]{6}-/.test(name))
        // The same name with the number of a process that has ended.
        writeFileSync(at(name.replace(`-${process.pid}-`, `-${child.pid}-`)), 'left behind')
        throw new TastespaceError('test', 'the source failed')
      })(),
    ),
  ).rejects.toMatchObject({ code: 'test' })
  const left = () => readdirSync(folder).filter((name) => name.startsWith('model.st.tmp-'))
  expect(left()).toHaveLength(2)
  await writeFile(at('model.st'), 'whole')
  expect(left()).toEqual(['model.st.tmp-notes'])
  expect(readdirSync(folder)).toEqual(expect.arrayContaining(others))
})
