// The list of the software in the package, and of what npm installs with it, as CycloneDX 1.6. It has no times and no random
// numbers, so that two builds write the same bytes.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { bundled, crates } from './parts.mjs'
import { root } from './root.mjs'

/** The file, which the package ships. */
export const SBOM = 'tastespace.cdx.json'

export function writeSbom() {
  const { name, version, license, dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const inside = [
    ...crates().map((crate) => component('cargo', crate)),
    ...bundled().map((one) => component('npm', one)),
  ]
  const installed = dependenciesOf(dependencies).map((one) => component('npm', one))
  const components = [...new Map([...inside, ...installed].map((one) => [one.purl, one])).values()]
  const document = {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { component: component('npm', { name, version, license }) },
    components,
  }
  writeFileSync(join(root, SBOM), `${JSON.stringify(document, null, 2)}\n`)
}

/** What npm installs with the package, by the lockfile. */
function dependenciesOf(direct) {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
  const seen = new Map()
  const visit = (name, from) => {
    // The nearest folder that has it, as Node looks for it.
    const inside = from && `${from}/node_modules/${name}`
    const path = inside && packages[inside] ? inside : `node_modules/${name}`
    if (seen.has(path)) return
    const { version, license, dependencies = {} } = packages[path]
    seen.set(path, { name, version, license })
    for (const next of Object.keys(dependencies)) visit(next, path)
  }
  for (const name of Object.keys(direct)) visit(name)
  return [...seen.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
}

function component(registry, { name, version, license }) {
  const purl = `pkg:${registry}/${name.replace('@', '%40')}@${version}`
  // Old crates write / for OR.
  const licenses = [{ expression: license.replaceAll('/', ' OR ') }]
  return { type: 'library', 'bom-ref': purl, name, version, licenses, purl }
}
