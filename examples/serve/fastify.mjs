import fastify from 'fastify'
import { loadModel } from 'tastespace'
import { createHandler } from 'tastespace/serve'
import { toNodeListener } from 'tastespace/serve/node'

const handler = createHandler(await loadModel('model.safetensors'), { basePath: '/recommendations' })
const listener = toNodeListener(handler)

const app = fastify()
app.register(async (scope) => {
  scope.removeAllContentTypeParsers() // the handler reads the bodies
  scope.addContentTypeParser('*', (_request, _body, done) => done(null))
  scope.all('/recommendations/*', (request, reply) => {
    reply.hijack()
    listener(request.raw, reply.raw)
  })
})
await app.listen({ port: Number(process.env.PORT ?? 3000) })
