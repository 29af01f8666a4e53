// Serves a folder to pages of tests and bench.
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * @typedef {object} ServeOptions
 * @property {boolean} [isolated]  Sends the headers that make pages cross-origin isolated, which shared memory needs. Default false.
 * @property {boolean} [shared]    Allows other origins to load the files, like a CDN. Default false.
 * @property {Readonly<Record<string, string>>} [types]  Wrong content types to send, by extension.
 * @property {readonly string[]} [missing]  Paths that are not found.
 *
 * @typedef {object} Site
 * @property {string} origin  without a slash at the end
 * @property {() => Promise<void>} close
 */

/** @type {Readonly<Record<string, string>>} */
const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.wasm': 'application/wasm',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
}

/** Serves the files of a folder on a port of its own. @param {URL} folder @param {ServeOptions} [options] @returns {Promise<Site>} */
export async function serve(folder, options = {}) {
  const server = createServer(async ({ url = '/' }, response) => {
    const { pathname } = new URL(url, 'http://localhost')
    const path = pathname.endsWith('/') ? `${pathname}index.html` : pathname
    const body = options.missing?.includes(path) ? undefined : await contentOf(new URL(`.${path}`, folder))
    const types = { ...TYPES, ...options.types }
    response.writeHead(body ? 200 : 404, {
      'Content-Type': types[extname(path)] ?? 'application/octet-stream',
      ...(options.isolated && {
        'Cross-Origin-Opener-Policy': 'same-origin',
        'Cross-Origin-Embedder-Policy': 'require-corp',
      }),
      ...(options.shared && { 'Access-Control-Allow-Origin': '*' }),
    })
    response.end(body)
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)))
  const address = server.address()
  if (typeof address !== 'object' || !address) throw new Error('a server that listens has a port')
  return {
    origin: `http://127.0.0.1:${address.port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        // A browser keeps its connections open.
        server.closeAllConnections()
      }),
  }
}

/** @param {URL} file */
function contentOf(file) {
  return readFile(fileURLToPath(file)).catch(() => undefined)
}
