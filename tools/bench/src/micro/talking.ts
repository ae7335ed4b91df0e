import { openMemory } from '@godwit/backend-memory/open-memory.ts'
import type { ConversationId, DeviceId, UserId } from '@godwit/protocol/ids.ts'
import { createChat } from '@godwit/server/chat/create-chat.ts'
import { Gateway } from '@godwit/server/gateway/gateway.ts'
import { Hub } from '@godwit/server/gateway/hub.ts'
import type { Frame } from '@godwit/server/ports/socket.ts'
import { jsonText } from '../load/texts.ts'

const people = ['u_ana', 'u_bo'] as const

/** Within the rates of one person. */
const paceMs = 10

const ping = JSON.stringify({ type: 'ping', mark: null })

/**
 * Two people at the real gateway and chat, over the memory backend and without sockets. Answers what sends one message, and
 * resolves when it is acked; the other one has it by then, or in the same turn.
 */
export async function openTalk(): Promise<() => Promise<void>> {
  const backend = openMemory()
  const { clock } = backend
  const onError = (error: unknown) => {
    throw error
  }
  const hub = new Hub()
  const chat = await createChat({ ...backend, log: backend.messageLog, delivery: hub, worker: 1, onError })
  const authenticate = async (token: string) => {
    const principal = { userId: token as UserId, deviceId: `d_${token}` as DeviceId }
    return { principal, expiresAt: Number.MAX_SAFE_INTEGER }
  }
  const gateway = new Gateway({ ...backend, chat, hub, authenticate, signOutPosition: 0, epoch: 'e', schedule: queueMicrotask, onError })

  let acked = () => {}
  const receive = (frames: readonly Frame[]) => {
    for (const frame of frames) {
      const text = frame.toString('latin1', 0, 16)
      if (text.startsWith('{"type":"ack"')) acked()
      if (text.startsWith('{"type":"error"')) throw new Error(frame.toString())
    }
  }
  const connections = await Promise.all(
    people.map(async (userId) => {
      const named = { userId, name: userId.slice(2), displayName: userId, passwordHash: null, subject: null }
      await backend.accounts.create({ ...named, readReceipts: true, showLastSeen: true, createdAt: 1 })
      const close = (_code: number, reason: string) => onError(new Error(reason))
      const connection = gateway.accept({ send: receive, close, bufferedBytes: () => 0 }, { address: '192.0.2.1' })
      connection.receive(JSON.stringify({ type: 'hello', token: userId }))
      connection.receive(JSON.stringify({ type: 'resume', epoch: null, mark: null }))
      return connection
    }),
  )
  const opened = await chat.openDirect({ userId: people[0], deviceId: 'd_ana', sessionId: null }, people[1])
  const to: ConversationId = opened.conversation.conversationId
  let said = 0
  return () => {
    clock.advance(paceMs)
    if (said % 1_000 === 0) for (const connection of connections) connection.receive(ping)
    return new Promise((resolve) => {
      acked = resolve
      connections[0]?.receive(messageFrame(to, said++))
    })
  }
}

/** As a client sends it. */
export function messageFrame(to: ConversationId, nth: number): string {
  return `{"type":"message","to":"${to}","clientMsgId":"019df237-5be7-76c1-814e-${nth.toString().padStart(12, '0')}","text":${jsonText(nth)}}`
}
