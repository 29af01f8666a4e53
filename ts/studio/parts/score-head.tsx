/** Says what the numbers of a list are. */
export const ScoreHead = () => (
  <p class="hint score-head">
    <span>item</span>
    <span>score</span>
  </p>
)
