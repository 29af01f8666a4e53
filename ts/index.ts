export type { Capabilities } from './engine/capabilities.ts'
export type { EngineOptions } from './engine/create.ts'
export { type ErrorData, TastespaceError } from './errors.ts'
