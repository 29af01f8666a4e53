import { nodeEngineHost, parentChannel } from '../host-node.ts'
import { serveEngine } from '../worker.ts'

serveEngine(nodeEngineHost, parentChannel())
