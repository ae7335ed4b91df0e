import { Fragment, memo, type ReactNode, useMemo } from 'react'
import { isEmojiOnly } from '../text/emoji-only.ts'
import { type Block, type Inline, parse } from '../text/parse.ts'

/** A mentioned person: the name as typed behind the @, and as shown. */
export interface MentionName {
  readonly name: string
  readonly shown: string
  readonly me: boolean
}

interface MessageTextProps {
  readonly text: string
  readonly mentions: readonly MentionName[]
}

/** The text of a message with its marks. Only React elements come out, never HTML (T20). */
export const MessageText = memo(function MessageText({ text, mentions }: MessageTextProps) {
  const tree = useMemo(() => parse(text), [text])
  if (isEmojiOnly(text)) return <p className="jumbo">{text}</p>
  return <>{blocks(tree, mentions)}</>
})

function blocks(tree: readonly Block[], mentions: readonly MentionName[]): ReactNode {
  return tree.map((block, i) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: the tree of one text never reorders
    <Fragment key={i}>{blockNode(block, mentions)}</Fragment>
  ))
}

function blockNode(block: Block, mentions: readonly MentionName[]): ReactNode {
  switch (block.type) {
    case 'paragraph':
      return <p dir="auto">{inlines(block.children, mentions)}</p>
    case 'code':
      return (
        <pre dir="ltr" tabIndex={-1} className="scroll-x">
          <code>{block.text}</code>
        </pre>
      )
    case 'quote':
      return <blockquote dir="auto">{blocks(block.children, mentions)}</blockquote>
    case 'list': {
      const items = block.items.map((item, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the tree of one text never reorders
        <li key={i} dir="auto">
          {blocks(item, mentions)}
        </li>
      ))
      return block.ordered ? <ol start={block.start}>{items}</ol> : <ul>{items}</ul>
    }
  }
}

function inlines(nodes: readonly Inline[], mentions: readonly MentionName[]): ReactNode {
  return nodes.map((node, i) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: the tree of one text never reorders
    <Fragment key={i}>{inlineNode(node, mentions)}</Fragment>
  ))
}

function inlineNode(node: Inline, mentions: readonly MentionName[]): ReactNode {
  switch (node.type) {
    case 'text':
      return mentions.length === 0 ? node.text : withMentions(node.text, mentions)
    case 'code':
      return <code dir="ltr">{node.text}</code>
    case 'break':
      return <br />
    case 'strong':
      return <strong>{inlines(node.children, mentions)}</strong>
    case 'em':
      return <em>{inlines(node.children, mentions)}</em>
    case 'del':
      return <del>{inlines(node.children, mentions)}</del>
    case 'link':
      return (
        <a href={node.href} target="_blank" rel="noopener noreferrer nofollow">
          {inlines(node.children, mentions)}
        </a>
      )
  }
}

function withMentions(text: string, mentions: readonly MentionName[]): ReactNode {
  return text.split(/(@[a-z0-9][a-z0-9._-]{0,31})/giu).map((part, i) => {
    const mention = part.startsWith('@')
      ? mentions.find(
          (one) =>
            one.name ===
            part
              .slice(1)
              .toLowerCase()
              .replace(/[._-]+$/u, ''),
        )
      : undefined
    if (mention === undefined) return part
    const tail = part.slice(1 + mention.name.length)
    return (
      // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one text never reorder
      <Fragment key={i}>
        <span className="mention" data-me={mention.me || undefined} dir="auto">
          @{mention.shown}
        </span>
        {tail}
      </Fragment>
    )
  })
}
