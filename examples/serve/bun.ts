import { loadModel } from 'tastespace'
import { createHandler } from 'tastespace/serve'

const handler = createHandler(await loadModel('model.safetensors'), { basePath: '/recommendations' })

Bun.serve({ port: Number(process.env.PORT ?? 3000), fetch: handler })
