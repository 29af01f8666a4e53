import express from 'express'
import { loadModel } from 'tastespace'
import { createHandler } from 'tastespace/serve'
import { toNodeListener } from 'tastespace/serve/node'

const handler = createHandler(await loadModel('model.safetensors'))

const app = express()
app.use('/recommendations', toNodeListener(handler)) // before express.json(), which would read the bodies
app.use(express.json())
app.listen(process.env.PORT ?? 3000)
