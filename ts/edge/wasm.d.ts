/** The module that serves, for `loadModel` of `tastespace/edge`. Workers and bundlers for them give a compiled module. */
declare const wasm: WebAssembly.Module
export default wasm
