import { loadModel } from 'tastespace'
import { createHandler } from 'tastespace/serve'

const handler = createHandler(await loadModel('model.safetensors'), { basePath: '/api/recommendations' })

export { handler as GET, handler as POST }
