import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Block, type Inline, parse } from './parse.ts'
import { plainText } from './plain.ts'
import { safeUrl } from './safe-url.ts'

describe('text of a message', () => {
  test('marks of talk are found', () => {
    expect(parse('**bold** _slanted_ ~~gone~~ `code`')).toEqual([
      {
        type: 'paragraph',
        children: [
          { type: 'strong', children: [{ type: 'text', text: 'bold' }] },
          { type: 'text', text: ' ' },
          { type: 'em', children: [{ type: 'text', text: 'slanted' }] },
          { type: 'text', text: ' ' },
          { type: 'del', children: [{ type: 'text', text: 'gone' }] },
          { type: 'text', text: ' ' },
          { type: 'code', text: 'code' },
        ],
      },
    ])
    expect(parse('```ts\nlet 鷸 = "<b>"\n```')).toEqual([{ type: 'code', text: 'let 鷸 = "<b>"', lang: 'ts' }])
    expect(parse('- tide\n- wind')[0]).toMatchObject({ type: 'list', ordered: false })
    expect(parse('> she said')[0]).toMatchObject({ type: 'quote' })
  })

  test('what is no mark in a chat stays as typed', () => {
    for (const text of [
      '# not a title',
      '| a | b |\n|--|--|\n| 1 | 2 |',
      '    four spaces',
      '[1]: https://example.org',
      '-',
      'snake_case_name',
      '3 < 4 & 5 > 4',
      '&lt;b&gt;',
    ]) {
      expect(plainText(text)).toBe(text.replace(/\s+/gu, ' ').trim())
    }
  })

  test('[T20] there is no HTML, and no link of another scheme', () => {
    for (const text of [
      '<script>x</script>',
      '<img src=x onerror=y>',
      '<b>x</b>',
      '[x](javascript:alert(1))',
      '[x](data:text/html,y)',
      '![x](https://e.org/x.png)',
      '<javascript:x>',
    ]) {
      expect(plainText(text)).toBe(text)
      expect(links(parse(text))).toEqual([])
    }
    expect(links(parse('[https://bank.example](https://evil.example)'))).toEqual([])
    expect(links(parse('see https://example.org/a?b=1, www.example.org or ana@example.org'))).toEqual([
      'https://example.org/a?b=1',
      'http://www.example.org/',
      'mailto:ana@example.org',
    ])
  })

  test('[T20] whatever is typed: links have a safe scheme, and no text is lost', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        '**',
        '_',
        '~~',
        '`',
        '```',
        '\n',
        '\n\n',
        '> ',
        '- ',
        '1. ',
        '[',
        '](',
        ')',
        '<',
        '>',
        'javascript:',
        'https://a.b/',
        '!',
        '\\',
        '&amp;',
        '🦆',
        'نص',
        '字',
      ),
      fc.string({ maxLength: 6 }),
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const text = pieces.join('')
        for (const href of links(parse(text))) expect(safeUrl(href)).toBe(href)
        const shown = JSON.stringify(parse(text))
        for (const letter of text.match(/[\p{L}\p{Extended_Pictographic}]/gu) ?? []) expect(shown).toContain(letter)
      }),
    )
  })

  test('[L9] 16 KiB of marks is read in a moment, and nested without end is shown flat', () => {
    for (const text of [
      'a_'.repeat(8_000),
      '['.repeat(16_000),
      '>'.repeat(16_000),
      '*'.repeat(16_000),
      '- '.repeat(8_000),
      '`'.repeat(16_000),
      '[a]('.repeat(4_000),
    ]) {
      const begun = performance.now()
      expect(depth(parse(text))).toBeLessThan(20)
      expect(performance.now() - begun).toBeLessThan(500)
    }
  })
})

function links(blocks: readonly Block[]): string[] {
  return inlinesOf(blocks).flatMap(function find(node: Inline): string[] {
    if (node.type === 'link') return [node.href, ...node.children.flatMap(find)]
    return 'children' in node ? node.children.flatMap(find) : []
  })
}

function inlinesOf(blocks: readonly Block[]): readonly Inline[] {
  return blocks.flatMap((block): readonly Inline[] => {
    if (block.type === 'paragraph') return block.children
    if (block.type === 'quote') return inlinesOf(block.children)
    return block.type === 'list' ? block.items.flatMap(inlinesOf) : []
  })
}

function depth(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  return 1 + Math.max(0, ...Object.values(value).map(depth))
}
