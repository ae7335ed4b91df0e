import type { LogTables } from '../tables.ts'

/** One call of a verb: `buckets.append`, `ids.put` and so on. `run` does it, with these arguments or others. */
export interface Call {
  readonly name: string
  readonly args: readonly unknown[]
  readonly run: (args: readonly unknown[]) => Promise<unknown>
}

/** The tables at the end of trips: every call goes through `trip`, which may do it late, twice, by half, or not. */
export function tablesThrough(tables: LogTables, trip: (call: Call) => Promise<unknown>): LogTables {
  const far = <Table extends object>(tableName: string, table: Table): Table =>
    new Proxy(table, {
      get: (target, verb) => {
        const method = Reflect.get(target, verb) as (...args: unknown[]) => Promise<unknown>
        const run = (args: readonly unknown[]) => Reflect.apply(method, target, args)
        return (...args: unknown[]) => trip({ name: `${tableName}.${String(verb)}`, args, run })
      },
    })
  return {
    layout: tables.layout,
    buckets: far('buckets', tables.buckets),
    ids: far('ids', tables.ids),
    amendments: far('amendments', tables.amendments),
    activity: far('activity', tables.activity),
    places: far('places', tables.places),
  }
}
