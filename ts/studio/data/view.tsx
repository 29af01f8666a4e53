import { useSignal } from '@preact/signals'
import type { DatasetInfo } from 'tastespace'
import { type Data, titled } from '../data/data.ts'
import { withoutFlags } from '../errors.ts'
import { counted, day, short, size, whole } from '../numbers.ts'
import { type Bar, doubling, Histogram } from '../parts/histogram.tsx'
import { state } from '../state.ts'
import { isData, lacksTitles, type Recipe } from '../take/recipe.ts'
import { ChooseColumns, Columns } from './columns.tsx'
import { DropZone } from './drop.tsx'
import { NO_TEST, splitAgain } from './load.ts'

export function DataPart() {
  const data = state.data.value
  const reading = state.reading.value
  return (
    <>
      <section class="card welcome">
        <h2>Bring ratings, plays or clicks</h2>
        <p>
          Drop a file, train every model in this page on all its cores, and look at what they learn. Nothing is
          uploaded: the page works without a network.
        </p>
        <LinkNote />
        <DropZone />
        {reading && (
          <div class="reading" role="status">
            <p>
              {reading.step} <strong>{reading.name}</strong>
              {reading.total > 0 && reading.bytes > 0 && ` · ${size(reading.bytes)} of ${size(reading.total)}`}
            </p>
            <progress
              aria-label={`${reading.step} ${reading.name}`}
              max={reading.total || 1}
              {...(reading.bytes > 0 && { value: reading.bytes })}
            />
            <button type="button" onClick={reading.cancel}>
              Cancel
            </button>
          </div>
        )}
      </section>
      <ChooseColumns />
      {data && <Summary data={data} />}
    </>
  )
}

/** What a link to a model of somebody's file waits for. */
function LinkNote() {
  const recipe = state.recipe.value
  if (!recipe?.file) return null
  const data = state.data.value
  if (data && isData(recipe, data) !== false) return lacksTitles(recipe, data) ? <TitlesNote recipe={recipe} /> : null
  const { file, titles } = recipe
  return (
    <p class="note">
      The link is to a model of {file}. {data?.files ? `${data.name} is not the file of the link.` : ''} Choose the
      sender's {file}
      {titles === undefined ? '' : ` and ${titles}, the file of titles,`} to train the model here.
    </p>
  )
}

/** The file of titles that a link waits for, and the way on without it. */
function TitlesNote({ recipe }: { recipe: Recipe }) {
  return (
    <p class="note">
      The titles of {recipe.titles} are part of the model of the link. Choose the sender's {recipe.titles} too.{' '}
      <button
        type="button"
        onClick={() => {
          state.recipe.value = { ...recipe, titles: undefined, modelHash: undefined }
        }}
      >
        Train it without titles
      </button>
    </p>
  )
}

function Summary({ data }: { data: Data }) {
  const { info, name, files } = data
  return (
    <>
      <section class="card">
        <h2>{name}</h2>
        <dl class="tiles">
          <Tile name="interactions" value={whole(info.rows)} />
          <Tile name="users" value={whole(info.users)} />
          <Tile name="items" value={whole(info.items)} />
          <Tile name="density" value={percent(info.density)} />
          {info.times && <Tile name="dates" value={years(info.times)} />}
          {info.ratings?.mean != null && (
            <Tile name={info.ratings.counts ? 'mean count' : 'mean rating'} value={mean(info.ratings.mean)} />
          )}
        </dl>
        {info.notes.map(({ code, text }) => (
          <p class="note" key={code}>
            {withoutFlags(text)}
          </p>
        ))}
        {files?.items && info.notes.every(({ code }) => code !== 'data/no-titles') && (
          <p class="note">
            {files.items.name} has titles for {whole(titled(data))} of {counted(info.items, 'item')}.
          </p>
        )}
        {info.ratings?.counts && (
          <p class="note">
            The ratings look like counts, such as plays. Models that learn to rank take them as clicks, and ials takes
            them as weights; models that predict ratings are for ratings on a scale.
          </p>
        )}
        {files?.unread && files.unread.length > 0 && (
          <p class="note">
            Not read: {files.unread.join(', ')}. One file of interactions and one of titles are read at a time.
          </p>
        )}
        {files ? <Columns data={data} files={files} /> : <Sample info={info} />}
        <Parts data={data} />
        <p>
          <button
            type="button"
            class="primary"
            onClick={() => {
              state.tab.value = 'train'
            }}
          >
            Train models on it
          </button>
        </p>
      </section>
      <section class="card histograms">
        {info.ratings && (
          <Histogram
            title={info.ratings.counts ? 'Counts' : 'Ratings'}
            bars={ratingBars(info)}
            unit={info.ratings.counts ? 'interaction' : 'rating'}
          />
        )}
        <Histogram title="Interactions of a user" bars={doubling(data.rowsPerUser)} unit="user" />
        <Histogram title="Interactions of an item" bars={doubling(data.rowsPerItem)} unit="item" />
      </section>
    </>
  )
}

function Tile({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  )
}

const RULES = [
  ['leave-one-out', "each user's last interaction"],
  ['random:0.1', 'a random tenth'],
  ['per-user:0.8,0.1,0.1', 'a random tenth of each user'],
  ['time:0.1', 'the latest tenth'],
  ['user:0.1', 'a tenth of the users, half of their interactions given'],
  [NO_TEST, 'nothing'],
] as const

/** How rows are held out. */
function Parts({ data }: { data: Data }) {
  const open = useSignal(false)
  const { parts, split } = data
  return (
    <p class="split">
      <label>
        <span>Held out for the test</span>
        <select
          value={split}
          disabled={open.value}
          onChange={async (event) => {
            open.value = true
            await splitAgain(event.currentTarget.value)
            open.value = false
          }}
        >
          {RULES.filter(([rule]) => data.info.times || !/leave|time/.test(rule) || rule === split).map(
            ([rule, meaning]) => (
              <option key={rule} value={rule}>
                {meaning}
              </option>
            ),
          )}
          {!RULES.some(([rule]) => rule === split) && <option value={split}>{split}</option>}
        </select>
      </label>{' '}
      <small>
        {parts.validation && 'Early stopping holds out a validation part of the same size.'}
        {!parts.test && 'Models are not measured.'} Changing the rule drops trained models.
      </small>
    </p>
  )
}

function Sample({ info }: { info: DatasetInfo }) {
  const rated = info.sample.some(({ rating }) => rating !== undefined)
  const timed = info.sample.some(({ time }) => time !== undefined)
  return (
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th>user</th>
            <th>item</th>
            {rated && <th>rating</th>}
            {timed && <th>time</th>}
          </tr>
        </thead>
        <tbody>
          {info.sample.map(({ user, item, rating, time }) => (
            <tr key={`${user} ${item}`}>
              <td>{user}</td>
              <td>{item}</td>
              {rated && <td>{rating}</td>}
              {timed && <td>{time === undefined ? '' : day(time)}</td>}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function years([first, last]: readonly [number, number]): string {
  const [from, to] = [day(first), day(last)]
  return from.slice(0, 4) === to.slice(0, 4) ? `${from} – ${to}` : `${from.slice(0, 4)} – ${to.slice(0, 4)}`
}

function percent(share: number): string {
  return `${(share * 100).toPrecision(2)} %`
}

/** 3.53, 4,301.7 */
const mean = (value: number) => (Math.abs(value) < 100 ? value.toFixed(2) : short(value))

function ratingBars({ ratings }: DatasetInfo): Bar[] {
  return (ratings?.histogram ?? []).map((bar) =>
    'value' in bar
      ? { label: String(bar.value), count: bar.count }
      : { label: `${short(bar.from)}–${short(bar.to)}`, count: bar.count },
  )
}
