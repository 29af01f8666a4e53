import { createModel, type ModelSettings } from './create.ts'
import { Model } from './model.ts'

/** Options of {@link Popularity}: none. */
export type PopularityOptions = Readonly<Record<string, never>>

/** Popularity: everyone gets what most people had. The floor that a ranking model has to leave far below. */
export class Popularity extends Model {
  static create(options: PopularityOptions = {}, settings: ModelSettings = {}): Promise<Popularity> {
    return createModel('pop', Popularity, options, settings)
  }
}
