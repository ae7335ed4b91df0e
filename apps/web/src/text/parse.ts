/**
 * Text of a message to a small tree. marked's lexer finds the marks; whatever is not on our list stays the text it was. There is
 * no node for HTML, so none can be shown (T20).
 */
import { Marked, type Token, type Tokens } from 'marked'
import { safeUrl } from './safe-url.ts'

export type Inline =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'code'; readonly text: string }
  | { readonly type: 'break' }
  | { readonly type: 'strong' | 'em' | 'del'; readonly children: readonly Inline[] }
  | { readonly type: 'link'; readonly href: string; readonly children: readonly Inline[] }

export type Block =
  | { readonly type: 'paragraph'; readonly children: readonly Inline[] }
  | { readonly type: 'code'; readonly text: string; readonly lang: string }
  | { readonly type: 'quote'; readonly children: readonly Block[] }
  | { readonly type: 'list'; readonly ordered: boolean; readonly start: number; readonly items: readonly (readonly Block[])[] }

/** Deeper nesting is shown as it was typed. */
const depthMax = 8
/** Finding pairs among marks is quadratic: a text made of marks is shown as it was typed. */
const delimitersMax = 1_000
const none = () => undefined

const lexer = new Marked({
  gfm: true,
  breaks: true,
  tokenizer: {
    // What a chat has no use for: the lexer takes them as plain paragraphs.
    code: none,
    heading: none,
    lheading: none,
    hr: none,
    html: none,
    tag: none,
    table: none,
    def: none,
    reflink: none,
  },
})

/** What can start a mark or a link; without any of it the text is one paragraph. */
const marks = /[*_~`>\-+#[\]\\|@]|:\/\/|www\.|^\s*\d+[.)]|\n\s*\n/mu

export function parse(text: string): readonly Block[] {
  if (!marks.test(text)) return [paragraph(text)]
  if ((text.match(/[*_~`[\]>+-]/gu)?.length ?? 0) > delimitersMax) return [paragraph(text)]
  try {
    return blocks(lexer.lexer(text) as Token[], 0)
  } catch {
    // A text that the lexer cannot take (RangeError of deep nesting) is still readable.
    return [paragraph(text)]
  }
}

function paragraph(text: string): Block {
  const lines = text.split('\n')
  return { type: 'paragraph', children: lines.flatMap((line, i) => (i === 0 ? [textNode(line)] : [{ type: 'break' }, textNode(line)])) }
}

function blocks(tokens: readonly Token[], depth: number): Block[] {
  const out: Block[] = []
  for (const token of tokens) {
    if (token.type === 'space' || token.raw.trim() === '') continue
    out.push(block(token, depth))
  }
  return out
}

function block(token: Token, depth: number): Block {
  if (depth >= depthMax) return paragraph(token.raw)
  switch (token.type) {
    case 'code':
      return { type: 'code', text: (token as Tokens.Code).text, lang: (token as Tokens.Code).lang ?? '' }
    case 'blockquote':
      return { type: 'quote', children: blocks((token as Tokens.Blockquote).tokens, depth + 1) }
    case 'list': {
      const { ordered, start, items } = token as Tokens.List
      if (items.every((item) => item.text.trim() === '')) return paragraph(token.raw)
      return { type: 'list', ordered, start: start === '' ? 1 : start, items: items.map((item) => blocks(item.tokens, depth + 1)) }
    }
    case 'paragraph':
    case 'text': {
      const { tokens } = token as Tokens.Paragraph | Tokens.Text
      return tokens ? { type: 'paragraph', children: inlines(tokens, depth + 1) } : paragraph(token.raw)
    }
    default:
      return paragraph(token.raw)
  }
}

function inlines(tokens: readonly Token[], depth: number): Inline[] {
  const out: Inline[] = []
  for (const token of tokens) out.push(...inline(token, depth))
  return out
}

function inline(token: Token, depth: number): readonly Inline[] {
  if (depth >= depthMax) return [textNode(token.raw)]
  switch (token.type) {
    case 'strong':
    case 'em':
    case 'del':
      return [{ type: token.type, children: inlines((token as Tokens.Strong).tokens, depth + 1) }]
    case 'codespan':
      return [{ type: 'code', text: (token as Tokens.Codespan).text }]
    case 'br':
      return [{ type: 'break' }]
    case 'escape':
      return [textNode((token as Tokens.Escape).text)]
    case 'link':
      return link(token as Tokens.Link, depth)
    case 'text': {
      const { tokens } = token as Tokens.Text
      return tokens ? inlines(tokens, depth + 1) : lines((token as Tokens.Text).raw)
    }
    default:
      return lines(token.raw)
  }
}

/** An address of another scheme, or a link whose text is another address, is shown as typed. */
function link(token: Tokens.Link, depth: number): readonly Inline[] {
  const href = safeUrl(token.href)
  const shown = safeUrl(token.text)
  if (href === null || (shown !== null && shown !== href)) return lines(token.raw)
  return [{ type: 'link', href, children: inlines(token.tokens, depth + 1) }]
}

function lines(text: string): readonly Inline[] {
  return text.split('\n').flatMap((line, i): readonly Inline[] => (i === 0 ? [textNode(line)] : [{ type: 'break' }, textNode(line)]))
}

function textNode(text: string): Inline {
  return { type: 'text', text }
}
