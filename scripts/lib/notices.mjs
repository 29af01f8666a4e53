// The licences of what is inside the package.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Failure } from './command.mjs'
import { bundled, crates } from './parts.mjs'
import { root } from './root.mjs'

/** The file, which the package ships. */
export const NOTICES = 'THIRD-PARTY-NOTICES'

/** Licences that ask for no more than their notice. */
const ALLOWED = ['MIT', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'Zlib', '0BSD', 'Unicode-3.0', 'Unlicense']

/** Writes the notices. Fails on a licence that is not allowed, and on a package without the text of its licence. */
export function writeNotices() {
  const found = [
    { name: 'the standard library of Rust', license: 'MIT OR Apache-2.0', text: RUST },
    ...crates().map((crate) => noticeOf(crate, 'the crate')),
    ...bundled().map((one) => noticeOf(one, 'the package')),
  ]
  const refused = found.filter(({ license }) => !isAllowed(license))
  if (refused.length > 0) {
    const list = refused.map(({ name, license }) => `${name} (${license || 'no licence'})`).join(', ')
    throw new Failure(`Licences that are not in the list of scripts/lib/notices.mjs: ${list}`)
  }
  const byText = new Map()
  for (const part of found) byText.set(part.text, [...(byText.get(part.text) ?? []), part])
  const sections = [...byText].map(
    ([text, parts]) => `${parts.map(({ name, license }) => `${name} (${license})`).join('\n')}\n\n${text}`,
  )
  const head = `The package contains the software below, besides its own. Each part is used under the licence that is printed here.\n`
  writeFileSync(join(root, NOTICES), [head, ...sections].join(`\n${'-'.repeat(80)}\n\n`))
}

/** Whether an SPDX expression leaves a choice that is allowed. Old crates write / for OR. */
export function isAllowed(license = '') {
  const parts = license.replaceAll('/', ' OR ').split(/\s+AND\s+/)
  return parts.every((part) =>
    part
      .replace(/[()]/g, '')
      .split(/\s+OR\s+/)
      .some((name) => ALLOWED.includes(name.trim())),
  )
}

function noticeOf({ name, version, license, folder }, what) {
  const text = WITHOUT_TEXT[name] ?? textIn(folder, `${what} ${name}`)
  return { name: `${name} ${version}`, license, text }
}

/** The licence in a folder: that of MIT where it is offered, otherwise all. */
function textIn(folder, whose) {
  const names = readdirSync(folder).filter((name) => /^(licen[cs]e|copying|notice|unlicense)/i.test(name))
  const chosen = names.filter((name) => /mit/i.test(name))
  const texts = (chosen.length > 0 ? chosen : names)
    .map((name) => join(folder, name))
    .filter((file) => existsSync(file))
    .map((file) => readFileSync(file, 'utf8').trim())
  if (texts.length === 0) throw new Failure(`There is no text of the licence of ${whose} in ${folder}.`)
  return `${texts.join('\n\n')}\n`
}

const MIT = `Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation
files (the "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy,
modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the
Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE,
ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
`

const RUST = `Copyright (c) The Rust Project Contributors\n\n${MIT}`

const ISC = `Permission to use, copy, modify, and/or distribute this software for any purpose with or without fee is hereby granted, provided
that the above copyright notice and this permission notice appear in all copies.

THE SOFTWARE IS PROVIDED "AS IS" AND THE AUTHOR DISCLAIMS ALL WARRANTIES WITH REGARD TO THIS SOFTWARE INCLUDING ALL IMPLIED
WARRANTIES OF MERCHANTABILITY AND FITNESS. IN NO EVENT SHALL THE AUTHOR BE LIABLE FOR ANY SPECIAL, DIRECT, INDIRECT, OR
CONSEQUENTIAL DAMAGES OR ANY DAMAGES WHATSOEVER RESULTING FROM LOSS OF USE, DATA OR PROFITS, WHETHER IN AN ACTION OF CONTRACT,
NEGLIGENCE OR OTHER TORTIOUS ACTION, ARISING OUT OF OR IN CONNECTION WITH THE USE OR PERFORMANCE OF THIS SOFTWARE.
`

/** Packages that come without the text of their licence. */
const WITHOUT_TEXT = {
  'embedding-atlas': `Copyright (c) 2025 Apple Inc.\n\n${MIT}`,
  boolbase: `Copyright (c) Felix Boehm\n\n${ISC}`,
  lz4js: `Copyright (c) John Chadwick\n\n${ISC}`,
}
