import type { Feedback } from '../../index.ts'
import { count } from '../terminal/numbers.ts'

/** How a ranking model took the ratings that it was trained on, in lines. */
export function feedbackText(feedback: Feedback | null): string[] {
  if (!feedback || feedback.ratings === 0) return []
  const { ratings, positives, lowPositives, counts, observed } = feedback
  const [low, high] = observed
  if (counts) {
    return [
      `The ratings look like counts from ${count(low)} to ${count(high)}: a ranking model takes each as one positive, whatever ` +
        'its value. --positive-threshold N leaves out counts below N',
    ]
  }
  const share = (part: number) => `${Math.round((100 * part) / ratings)} %`
  const dislikes = positives < ratings ? `; the others are below zero, which are dislikes` : ''
  const all = `${share(positives)} of ${count(ratings)} ratings count as positive${dislikes}`
  if (lowPositives === 0) return [all]
  return [
    `${all}. ${share(lowPositives)} are positives in the lower half of the scale from ${low} to ${high}: ` +
      `--positive-threshold RATING leaves them out`,
  ]
}
