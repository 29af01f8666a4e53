import { readFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

/** What the page loads of the library. Other modules follow by their imports. */
const ENTRIES = ['browser.mjs', 'report-browser.mjs', 'engine-browser.mjs', 'pool-browser.mjs']
const ENGINE = ['mt', 'st'].flatMap((build) =>
  ['tastespace_wasm.js', 'tastespace_wasm_bg.wasm'].map((file) => `${build}/${file}`),
)

/** The files of the studio: their paths in the site, and where they are on this machine. The library is in `lib`. */
export async function studioFiles(): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>()
  for (const name of await readdir(pathOf('./studio/'))) {
    files.set(name, pathOf(`./studio/${name}`))
  }
  const add = (name: string) => {
    if (files.has(`lib/${name}`)) return
    files.set(`lib/${name}`, pathOf(`./${name}`))
    if (!name.endsWith('.mjs')) return
    for (const [, imported = ''] of readFileSync(pathOf(`./${name}`), 'utf8').matchAll(
      /["']\.\/(chunk-\w+\.mjs)["']/g,
    )) {
      add(imported)
    }
  }
  for (const name of [...ENTRIES, ...ENGINE, 'report-page.js']) add(name)
  return files
}

const pathOf = (name: string) => fileURLToPath(new URL(name, import.meta.url))
