/** The bodies of the benchmark as XML text. */
import { textOf } from '@godwit/bench/load/texts.ts'
import { escapeXml } from './stanza-reader.ts'

const texts = Array.from({ length: 512 }, (_, n) => escapeXml(textOf(n)))

export const xmlText = (n: number): string => texts[n % texts.length] as string
