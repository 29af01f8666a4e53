import { browserEngineHost } from '../engine-host-browser.ts'
import { serveEngine } from '../worker.ts'
import { parentChannel } from '../worker-browser.ts'

serveEngine(browserEngineHost, parentChannel())
