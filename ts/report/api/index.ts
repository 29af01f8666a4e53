export { type Recording, type RecordingOptions, recordingOf } from './record.ts'
export { type ComparisonReport, type ReportOptions, reportOf, type TuningReport } from './report-of.ts'
export type { PictureOptions } from './svg.ts'
