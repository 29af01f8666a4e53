import { capabilities, createEngine, describe, type Engine } from 'tastespace'
import { state } from './state.ts'

/** The engine that is being started. */
let starting: Promise<Engine> | undefined

/** Starts the engine, in place of the one before, which `clear` empties. Its number of threads changes no result. */
export function startEngine(threads?: number, clear = () => {}): Promise<Engine> {
  const promise = started(threads, clear).finally(() => {
    if (starting === promise) starting = undefined
  })
  starting = promise
  return promise
}

async function started(threads: number | undefined, clear: () => void): Promise<Engine> {
  const engine = await createEngine(threads === undefined ? {} : { threads })
  clear()
  state.engine.value?.dispose()
  state.engine.value = engine
  state.capabilities.value = capabilities()
  state.description.value = await describe(engine)
  return engine
}

/** The engine that everything lives in. */
export async function useEngine(): Promise<Engine> {
  return (await starting) ?? state.engine.value ?? (await startEngine())
}
