// Everything that makes a report, to be loaded at once and only when needed.
export { Recorder } from '../collect/recorder.ts'
export { tuningPage } from './tuning.ts'
export { reportPage } from './write.ts'
