/** Frames over a WebSocket: one text message a frame. */
import { subprotocol } from '@godwit/protocol/version.ts'
import { abnormalClosure, type Transport, type TransportEvents } from './transport.ts'

export function openWebSocket(WebSocketClass: typeof WebSocket, url: string, events: TransportEvents): Transport {
  let socket: WebSocket
  let over = false
  const end = (code: number, reason: string) => {
    if (over) return
    over = true
    events.onClose(code, reason)
  }
  try {
    socket = new WebSocketClass(`${url.replace(/^http/, 'ws').replace(/\/+$/, '')}/ws`, subprotocol)
  } catch {
    // A page may be forbidden to open sockets (mixed content, a policy): that is a socket that does not open.
    queueMicrotask(() => end(abnormalClosure, 'no socket'))
    return {
      send: () => {},
      close: () => {
        over = true
      },
    }
  }
  socket.onopen = () => {
    if (!over) events.onOpen()
  }
  socket.onmessage = ({ data }) => {
    if (!over && typeof data === 'string') events.onFrame(data)
  }
  socket.onclose = ({ code, reason }) => end(code, reason)
  // A close always follows, so the error itself tells nothing more.
  socket.onerror = () => {}
  return {
    send: (frame) => {
      if (socket.readyState === 1) socket.send(frame)
    },
    close: () => {
      over = true
      socket.close()
    },
  }
}
