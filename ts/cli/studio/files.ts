import { readFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

/** What the page loads of the library. Other modules follow by their imports. */
const ENTRIES = ['browser.mjs', 'report-browser.mjs', 'engine-browser.mjs', 'pool-browser.mjs']
const ENGINE = ['mt', 'st'].flatMap((build) =>
  ['tastespace_wasm.js', 'tastespace_wasm_bg.wasm'].map((file) => `${build}/${file}`),
)

/** Where a file of the site is on this machine, or its bytes where it is made here. */
export type SiteFile = string | Uint8Array

/** The files of the studio by their paths in the site. The library is in `lib`; `files.json` names all of them. */
export async function studioFiles(): Promise<ReadonlyMap<string, SiteFile>> {
  const files = new Map<string, SiteFile>()
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
  files.set('files.json', new TextEncoder().encode(JSON.stringify(['./', ...files.keys()])))
  return files
}

const pathOf = (name: string) => fileURLToPath(new URL(name, import.meta.url))
