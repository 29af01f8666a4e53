import { browserHost } from './engine/host-browser.ts'
import { usePlatform } from './platform/platform.ts'

usePlatform({ host: browserHost })

export * from './index.ts'
