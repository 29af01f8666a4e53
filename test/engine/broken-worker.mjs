// Preloaded into a process and its workers: those that run the file in `?file=` fail before it starts, or hang with `?hang`.
const { searchParams } = new URL(import.meta.url)

if (process.argv[1]?.endsWith(searchParams.get('file'))) {
  if (searchParams.has('hang')) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
  throw new Error('a worker too many')
}
