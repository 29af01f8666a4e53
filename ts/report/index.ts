/** Comparisons of models as a page with pictures, as Markdown and as CSV. */
import '../node.ts'

export { type Recording, type RecordingOptions, recordingOf } from './api/record.ts'
export { type ComparisonReport, type ReportOptions, reportOf } from './api/report-of.ts'
