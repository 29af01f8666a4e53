export { createHandler, type Handler } from './handler.ts'
export type { ServableModel } from './model.ts'
export type { ItemRow, ServeLimits, ServeOptions } from './options.ts'
