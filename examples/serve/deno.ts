import { loadModel } from 'tastespace'
import { createHandler } from 'tastespace/serve'

const handler = createHandler(await loadModel('model.safetensors'), { basePath: '/recommendations' })

Deno.serve({ port: Number(Deno.env.get('PORT') ?? 3000) }, handler)
