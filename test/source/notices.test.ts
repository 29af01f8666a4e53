import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { isAllowed } from '../../scripts/lib/notices.mjs'

test.each([
  ['MIT', true],
  ['MIT/Apache-2.0', true],
  ['GPL-3.0 OR MIT', true],
  ['(MIT OR Apache-2.0) AND Unicode-3.0', true],
  ['(MIT OR Apache-2.0) AND GPL-3.0', false],
  ['AGPL-3.0-only', false],
  ['SEE LICENSE IN FILE', false],
  [undefined, false],
])('the licence %s is allowed: %s', (license, allowed) => {
  expect(isAllowed(license)).toBe(allowed)
})

test('the notices have the crates of the engine and the packages of the bundles', () => {
  const text = readFileSync(new URL('../../THIRD-PARTY-NOTICES', import.meta.url), 'utf8')
  for (const name of ['the standard library of Rust', 'rayon', 'safetensors', 'wasm-bindgen', 'umap-js', 'd3-array']) {
    expect(text).toMatch(new RegExp(`^${name}( [\\d.]+)? \\(`, 'm'))
  }
  // Installed beside the package, or used by the build alone.
  for (const name of ['commander', 'proptest', 'syn', 'vitest']) expect(text).not.toMatch(new RegExp(`^${name} `, 'm'))
  // A licence named without its text would have nothing here.
  for (const section of text.split(/^-{80}$/m).slice(1)) expect(section.length).toBeGreaterThan(400)
})

test('the bill of materials has what is inside the package and what npm installs with it, in their versions', () => {
  const read = (path: string) => JSON.parse(readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8'))
  const { components, metadata } = read('tastespace.cdx.json')
  const { version, dependencies } = read('package.json')
  expect(metadata.component.purl).toBe(`pkg:npm/tastespace@${version}`)
  const found = components.map(({ purl }: { purl: string }) => purl)
  expect(new Set(found).size).toBe(found.length)
  for (const [name, wanted] of Object.entries(dependencies)) {
    expect(found).toContain(`pkg:npm/${name.replace('@', '%40')}@${wanted}`)
  }
  for (const name of ['cargo/rayon', 'cargo/safetensors', 'npm/preact', 'npm/d3-array', 'npm/pend']) {
    expect(
      found.some((purl: string) => purl.startsWith(`pkg:${name}@`)),
      name,
    ).toBe(true)
  }
  expect(found.some((purl: string) => /\/(syn|proptest|vitest)@/.test(purl))).toBe(false)
})
