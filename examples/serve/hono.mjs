import { createServer } from 'node:http'
import { Hono } from 'hono'
import { loadModel } from 'tastespace'
import { createHandler } from 'tastespace/serve'
import { toNodeListener } from 'tastespace/serve/node'

const handler = createHandler(await loadModel('model.safetensors'))

const app = new Hono()
app.mount('/recommendations', handler)
createServer(toNodeListener((request) => app.fetch(request))).listen(process.env.PORT ?? 3000)
