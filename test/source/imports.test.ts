import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('../../ts', import.meta.url))

/** The files of `ts` and the files that each of them imports, types included. */
function imports(): Map<string, string[]> {
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) => /\.tsx?$/.test(file))
  return new Map(
    files.map((file) => {
      const source = readFileSync(join(root, file), 'utf8')
      const paths = [...source.matchAll(/(?:from|import) ?\(?'(\.[^']+\.tsx?)'/g)]
      return [file, paths.map(([, path = '']) => relative(root, join(root, dirname(file), path)))]
    }),
  )
}

/** The first import cycle, as a list of files. */
function circle(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const done = new Set<string>()
  const visit = (file: string, path: readonly string[]): string[] => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file]
    if (done.has(file)) return []
    const found = (graph.get(file) ?? []).map((next) => visit(next, [...path, file])).find((each) => each.length > 0)
    done.add(file)
    return found ?? []
  }
  return [...graph.keys()].map((file) => visit(file, [])).find((each) => each.length > 0) ?? []
}

test('no file imports itself, directly or through others', () => {
  expect(circle(imports())).toEqual([])
})

/** The entries of the package. */
const PUBLIC = [
  'index.ts',
  'node.ts',
  'browser.ts',
  'edge/index.ts',
  'export/index.ts',
  'serve/index.ts',
  'serve/node/index.ts',
]

test('the command line and the report import only the public API and each other', () => {
  const foreign = [...imports()].flatMap(([file, paths]) =>
    /^(cli|report)\//.test(file)
      ? paths
          .filter((path) => !/^(cli|report)\//.test(path) && !PUBLIC.includes(path))
          // An entry of the package checks its arguments as the others do.
          .filter((path) => !(file.startsWith('report/api/') && path === 'arguments.ts'))
          .map((path) => `${file} imports ${path}`)
      : [],
  )
  expect(foreign).toEqual([])
})

test('the handler of requests imports of the library its errors alone, so that it serves edge models without the rest', () => {
  const foreign = [...imports()].flatMap(([file, paths]) =>
    file.startsWith('serve/')
      ? paths
          .filter((path) => !path.startsWith('serve/') && path !== 'errors.ts')
          .map((path) => `${file} imports ${path}`)
      : [],
  )
  expect(foreign).toEqual([])
  const files = [...imports().keys()].filter((file) => file.startsWith('serve/') && !file.startsWith('serve/node/'))
  expect(files.filter((file) => readFileSync(join(root, file), 'utf8').includes("'node:"))).toEqual([])
})

test('the studio imports the library by its name', () => {
  const foreign = [...imports()].flatMap(([file, paths]) =>
    file.startsWith('studio/')
      ? paths
          // The colours of reports are those of the studio.
          .filter((path) => !path.startsWith('studio/') && path !== 'report/page/colours.ts')
          .map((path) => `${file} imports ${path}`)
      : [],
  )
  expect(foreign).toEqual([])
})

test('an edge model needs neither workers nor data sets', () => {
  const graph = imports()
  const found = new Set<string>()
  const visit = (file: string): void => {
    if (found.has(file)) return
    found.add(file)
    const source = readFileSync(join(root, file), 'utf8').replace(
      /^import type .*$|^import type \{[^}]*\} from .*$/gm,
      '',
    )
    for (const next of graph.get(file) ?? []) if (source.includes(next.replace(/^.*\//, ''))) visit(next)
  }
  visit('edge/index.ts')
  const foreign = [...found].filter((file) =>
    /^(platform|data\/(dataset|read|source|stream))|client\.ts$|models\/train/.test(file),
  )
  expect(foreign).toEqual([])
})
