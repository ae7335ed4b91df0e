/** `godwit send`: the same command again, with the same id, until it is acknowledged. */
import { randomUUID } from 'node:crypto'
import { createInterface } from 'node:readline'
import type { Sent } from '@godwit/protocol/api.ts'
import type { ConversationId } from '@godwit/protocol/ids.ts'
import { type Api, type Login, openApiClient, resolveConversation } from './api.ts'
import { CliError, printLine } from './output.ts'

export interface SendOptions extends Login {
  readonly to?: string | undefined
  readonly clientMessageId?: string | undefined
  /** Seconds. */
  readonly timeout: number
}

export async function send(options: SendOptions, text: string): Promise<void> {
  const api = openApiClient(options, Date.now() + options.timeout * 1000)
  const conversations = new Map<string, ConversationId>()
  async function one(to: string | undefined, text: string, clientMsgId: string): Promise<void> {
    if (!to) throw new CliError('USAGE', 'give --to USER or CONVERSATION')
    const conversationId = conversations.get(to) ?? (await resolveConversation(api, to))
    conversations.set(to, conversationId)
    await deliver(api, conversationId, text, clientMsgId)
  }
  if (text !== '-') await one(options.to, text, options.clientMessageId ?? randomUUID())
  else for await (const line of linesOfStdin()) await one(line.to ?? options.to, line.text, line.clientMsgId ?? randomUUID())
  await api.close()
}

async function deliver(api: Api, to: ConversationId, text: string, clientMsgId: string): Promise<void> {
  try {
    const sent = await api.call<Sent>('POST', '/v1/messages', { type: 'message', to, clientMsgId, text })
    const { messageId, seq, duplicate, conversationId, at } = sent
    printLine({ messageId, seq, duplicate, conversationId, clientMsgId, at })
  } catch (error) {
    if (!(error instanceof CliError && error.code === 'UNREACHABLE')) throw error
    throw new CliError('UNKNOWN_OUTCOME', `${error.message}; send again with --client-message-id ${clientMsgId}: it is stored once at most`)
  }
}

/** One message a line: `{"text": …, "to": …, "clientMsgId": …}`; without `to`, that of the option. */
async function* linesOfStdin(): AsyncGenerator<{ to?: string; text: string; clientMsgId?: string }> {
  for await (const line of createInterface({ input: process.stdin })) {
    if (line.trim() === '') continue
    yield parseLine(line)
  }
}

function parseLine(line: string): { to?: string; text: string; clientMsgId?: string } {
  try {
    const value = JSON.parse(line)
    if (typeof value?.text === 'string') return value
  } catch {}
  throw new CliError('USAGE', `not a JSON line with a "text": ${line.slice(0, 80)}`)
}
