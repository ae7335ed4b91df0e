/** A message in one line, without its marks: for previews, notifications and names of rows. */
import { type Block, type Inline, parse } from './parse.ts'

const plainCharsMax = 300

export function plainText(text: string): string {
  const short = text.length > plainCharsMax ? `${text.slice(0, plainCharsMax)}…` : text
  return parse(short).map(blockText).join(' ').replace(/\s+/gu, ' ').trim()
}

function blockText(block: Block): string {
  switch (block.type) {
    case 'paragraph':
      return block.children.map(inlineText).join('')
    case 'code':
      return block.text
    case 'quote':
      return block.children.map(blockText).join(' ')
    case 'list':
      return block.items.map((item) => item.map(blockText).join(' ')).join(', ')
  }
}

function inlineText(node: Inline): string {
  switch (node.type) {
    case 'text':
    case 'code':
      return node.text
    case 'break':
      return ' '
    default:
      return node.children.map(inlineText).join('')
  }
}
