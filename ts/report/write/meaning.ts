/** The meaning of a metric. */
export function meaning(metric: string): string {
  const [, measure = metric, k, negatives] = /^([a-z]+)(?:@(\d+))?(?:\/(\d+)neg)?$/.exec(metric) ?? []
  const among = negatives
    ? ` Ranked among ${negatives} sampled items only, which can disagree with the ranking of all items.`
    : ''
  const meanings: Record<string, string> = {
    rmse: 'Root of the mean squared error, in rating points.',
    mae: 'Mean absolute error, in rating points.',
    ndcg: `Discounted gain of the test items among the first ${k}, relative to the ideal order.`,
    hr: `Fraction of users with a test item among their first ${k}.`,
    recall: `Fraction of a user's test items among their first ${k}, mean over users.`,
    precision: `Fraction of the first ${k} that are test items, mean over users.`,
    map: `Mean precision at each test item among the first ${k}.`,
    mrr: 'Reciprocal rank of the best test item, mean over users.',
    auc: 'Fraction of pairs of a test item and another item that are ranked correctly.',
    coverage: `Fraction of the catalogue that is among the first ${k} of any user.`,
    gini: `Inequality of how often items are among the first ${k}: 0 all equal, 1 a single item.`,
    novelty: `Mean of −log₂ of the fraction of users with the listed item, in bits.`,
  }
  return `${meanings[measure] ?? ''}${among}`
}
