import type { WriteStream } from 'node:tty'
import { styleCode } from './visible.ts'

/** Adds codes to a text, which `visible` turns into those of the terminal. */
type Paint = (text: string) => string

export interface Style {
  readonly bold: Paint
  readonly dim: Paint
  readonly red: Paint
  readonly green: Paint
  readonly yellow: Paint
  readonly cyan: Paint
}

const plain: Paint = (text) => text
const paint =
  (on: number, off: number): Paint =>
  (text) =>
    styleCode(on) + text + styleCode(off)

const PLAIN: Style = { bold: plain, dim: plain, red: plain, green: plain, yellow: plain, cyan: plain }
const COLORED: Style = {
  bold: paint(1, 22),
  dim: paint(2, 22),
  red: paint(31, 39),
  green: paint(32, 39),
  yellow: paint(33, 39),
  cyan: paint(36, 39),
}

/** Colours for a terminal that supports them, unless NO_COLOR is set; none for files and pipes. */
export function style(stream: WriteStream): Style {
  return stream.isTTY && stream.hasColors() ? COLORED : PLAIN
}
