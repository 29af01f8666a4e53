import type { JSX } from 'preact'
import type { Kind } from 'tastespace'
import { UserChoice } from '../parts/pick.tsx'
import { NoModel, RunChoice } from '../parts/run-choice.tsx'
import { state } from '../state.ts'
import { chosenDone } from '../train/queue.ts'
import { answers } from '../train/run.ts'
import { AttentionInside } from './attention.tsx'
import { BiasesInside } from './biases.tsx'
import { CMLInside } from './cml.tsx'
import { GLocalKInside } from './glocal-k.tsx'
import { LRMLInside } from './lrml.tsx'
import { NeighboursInside } from './neighbours.tsx'
import { PopularityInside } from './popularity.tsx'
import type { InsideProps } from './props.ts'

/** What each kind of model can be opened to. */
const INSIDES: Readonly<Record<Kind, (props: InsideProps) => JSX.Element | null>> = {
  cml: CMLInside,
  lrml: LRMLInside,
  attrec: AttentionInside,
  sasrec: AttentionInside,
  'glocal-k': GLocalKInside,
  'biased-mf': BiasesInside,
  bias: BiasesInside,
  bpr: BiasesInside,
  ials: NeighboursInside,
  ease: NeighboursInside,
  'item-knn': NeighboursInside,
  pop: PopularityInside,
}

/** Kinds of which no user is shown. */
const WITHOUT_USER: ReadonlySet<Kind> = new Set(['bias', 'biased-mf', 'bpr', 'glocal-k', 'pop'])

export function InsidePart() {
  const run = chosenDone()
  const data = state.data.value
  const user = state.user.value
  if (!data || user === undefined || !answers(run)) return <NoModel what="This part" />
  const Inside = INSIDES[run.kind]
  return (
    <>
      <section class="card tools">
        <RunChoice />
        {!WITHOUT_USER.has(run.kind) && <UserChoice />}
      </section>
      <Inside run={run} data={data} user={user} />
    </>
  )
}
