// Everything that makes a report, to be loaded at once and only when needed.
export { Recording } from '../collect/recording.ts'
export { reportPage } from './write.ts'
