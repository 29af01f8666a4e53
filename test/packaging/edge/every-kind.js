// A Worker that loads the model in the body of a request and answers with all that it is asked in the test.
import { loadModel } from 'tastespace/edge'
import wasm from 'tastespace/edge.wasm'
import { answers } from './answers.js'

export default {
  async fetch(request) {
    try {
      const model = await loadModel(request.body, wasm)
      const found = await answers(model)
      model.dispose()
      return Response.json(found)
    } catch (error) {
      return Response.json({ error: String(error.stack) })
    }
  },
}
