import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')

interface Locked {
  readonly integrity?: string
  readonly link?: true
  readonly dev?: true
  readonly hasInstallScript?: true
}

test("npm's packages come from a registry, each with its hash, and none that users install runs a script", () => {
  const { packages }: { packages: Record<string, Locked> } = JSON.parse(read('package-lock.json'))
  const foreign = Object.entries(packages).filter(([path]) => path !== '')
  expect(foreign.length).toBeGreaterThan(100)
  expect(foreign.filter(([, { integrity }]) => !integrity?.startsWith('sha512-')).map(([path]) => path)).toEqual([])
  expect(foreign.filter(([, { dev, hasInstallScript }]) => !dev && hasInstallScript).map(([path]) => path)).toEqual([])
  const { scripts } = JSON.parse(read('package.json'))
  expect(Object.keys(scripts).filter((name) => /^(pre|post)?install$|^prepare$/.test(name))).toEqual([])
})

test.each(['Cargo.lock', 'tools/wasm-bindgen/Cargo.lock'])('the crates of %s come from a registry', (path) => {
  const crates = read(path).split('[[package]]').slice(1)
  expect(crates.length).toBeGreaterThan(20)
  for (const crate of crates) {
    // The workspace's own have no source.
    if (!/^source = /m.test(crate)) expect(crate).toMatch(/^name = "(tastespace|wasm-bindgen-)/m)
    else expect(crate).toMatch(/^source = "registry\+[^"]+"\nchecksum = "[0-9a-f]{64}"$/m)
  }
})
