// The package itself needs nothing here: these are the headers that give a page threads, while it is developed.
const headers = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
}

export default { server: process.env.ISOLATED ? { headers } : {} }
