// The page: its parts by name, and what happens when it opens.
import { render } from 'preact'
import { followAddress } from './address.ts'
import { App } from './app.tsx'
import { keepFocus } from './focus.ts'
import { open } from './open.ts'
import 'uplot/dist/uPlot.min.css'
import './studio.css'

const root = document.getElementById('studio')
if (root) {
  root.replaceChildren()
  render(<App />, root)
}
followAddress()
keepFocus()
void open()
