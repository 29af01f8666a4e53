import { loadModel } from 'tastespace/edge'
import wasm from 'tastespace/edge.wasm'
import { createHandler } from 'tastespace/serve'
import bytes from './model.safetensors'

const handler = createHandler(await loadModel(bytes, wasm), { basePath: '/recommendations' })

export default {
  fetch: (request) => handler(request),
}
