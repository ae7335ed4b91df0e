/** Good values, grown from the schemas that the server checks them with: a field that is new in the protocol is fuzzed the same day. */
import type { z } from 'zod'
import type { Random } from '../../load/src/world/random.ts'
import { byField, bySchema, talk } from './vocabulary.ts'

/** What a schema of zod says of itself, as far as it is read here. */
interface Definition {
  readonly type: string
  readonly innerType?: z.ZodType
  readonly in?: z.ZodType
  readonly out?: z.ZodType
  readonly shape?: Readonly<Record<string, z.ZodType>>
  readonly element?: z.ZodType
  readonly options?: readonly z.ZodType[]
  readonly values?: readonly unknown[]
  readonly entries?: Readonly<Record<string, unknown>>
}

export interface Place {
  /** Of the HTTP API, or the type of the frame. */
  readonly operation: string
  readonly field: string
}

/** A value that the schema takes, mostly. Undefined for an optional one that is left out. Throws for a kind of schema it does not know. */
export function goodValue(schema: z.ZodType, place: Place, random: Random): unknown {
  const word = byField[`${place.operation}.${place.field}`] ?? byField[place.field] ?? bySchema.get(schema)
  if (word) return word(random)
  const definition = schema.def as unknown as Definition
  const inner = (of: z.ZodType | undefined, field = place.field) => goodValue(of as z.ZodType, { ...place, field }, random)
  switch (definition.type) {
    case 'optional':
      return random.next() < 0.4 ? inner(definition.innerType) : undefined
    case 'nullable':
      return random.next() < 0.5 ? inner(definition.innerType) : null
    case 'pipe':
      // A check before a change, or a text that becomes what is checked.
      return inner(kindOf(definition.out) === 'transform' ? definition.in : definition.out)
    case 'object':
      return Object.fromEntries(
        Object.entries(definition.shape ?? {})
          .map(([field, of]) => [field, inner(of, field)])
          .filter(([, value]) => value !== undefined),
      )
    case 'array':
      return Array.from({ length: random.int(1, 3) }, () => inner(definition.element))
    case 'union':
      return inner(random.pick(definition.options ?? []))
    case 'literal':
      return random.pick(definition.values ?? [])
    case 'enum':
      return random.pick(Object.values(definition.entries ?? {}))
    case 'boolean':
      return random.next() < 0.5
    case 'number':
      return random.int(1, 20)
    case 'string':
      return random.pick(talk).slice(0, 60)
    default:
      throw new Error(`no good value is known for ${place.operation}.${place.field}, a zod ${definition.type}`)
  }
}

const kindOf = (schema: z.ZodType | undefined) => (schema?.def as unknown as Definition | undefined)?.type
