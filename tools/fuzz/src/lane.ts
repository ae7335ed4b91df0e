/** Sends inputs one after the other, as one life after the other, and tells how each went. */
import type { DownFrame } from '@godwit/protocol/down.ts'
import { caller } from '../../../apps/server/src/testing/memory-server.ts'
import { HttpConnection } from './http-connection.ts'
import { type BytesInput, type FrameInput, type HttpInput, type Input, isOrderly, type SocketState, textOf } from './input.ts'
import { filled, makeLife, type Words } from './life.ts'
import { frameTypes } from './make.ts'
import { bytesOf } from './mutate.ts'
import { inTime } from './patience.ts'
import type { FuzzServer } from './server.ts'
import { defectOfFrames, errorsIn, judgeAnswer, type Outcome, refusalIn } from './verdict.ts'
import { WsConnection } from './ws-connection.ts'

/** Inputs in one life: its token outlives them. */
const inputsPerLife = 512
/** After these the life has nothing more to lose. */
const lifeEnds: ReadonlySet<string> = new Set(['DEVICE_REVOKED', 'TOKEN_EXPIRED', '4100', '4101', '4201'])
/** Frames whose answer is one of `answers`; the others are answered only where they are refused. */
const answered: ReadonlySet<string> = new Set(['message', 'edit', 'delete', 'reaction', 'batch', 'resume', 'ping', 'hello'])
const answers: ReadonlySet<string> = new Set(['ack', 'error', 'resumed', 'reset', 'welcome', 'pong'])

export class Lane {
  readonly #server: FuzzServer
  readonly #neighbours: Words
  readonly #call: ReturnType<typeof caller>
  #words: Words = {}
  #left = 0
  #ws: WsConnection | null = null
  #http: HttpConnection | null = null

  constructor(server: FuzzServer, neighbours: Words) {
    this.#server = server
    this.#neighbours = neighbours
    this.#call = caller(server.url)
  }

  async run(input: Input): Promise<Outcome> {
    if (this.#left-- <= 0) await this.#begin()
    const outcome = await this.#send(input).catch((error: Error): Outcome => {
      this.#drop()
      return { label: labelOf(input), accepted: false, codes: [], defect: error.message }
    })
    if (outcome.codes.some((code) => lifeEnds.has(code))) this.#left = 0
    return outcome
  }

  /** Of this life; another input begins a new one. */
  end(): void {
    this.#left = 0
    this.#drop()
  }

  #send(input: Input): Promise<Outcome> {
    switch (input.via) {
      case 'frame':
        return isOrderly(input) ? this.#sendFrame(input) : this.#sendWire(input)
      case 'http':
        return this.#ask(input)
      case 'bytes':
        return this.#sendBytes(input)
    }
  }

  async #begin(): Promise<void> {
    this.#drop()
    // Registering is dear, and what the lanes have asked without a token was charged to the same address.
    this.#server.skip(60_000)
    this.#words = await makeLife(this.#server.url, this.#neighbours)
    this.#left = inputsPerLife
    await this.#openPoll()
  }

  async #openPoll(): Promise<void> {
    const { pollId } = (await this.#call('POST', '/v1/poll', { body: {} })).json
    const frames = [JSON.stringify({ type: 'hello', token: this.#words.token })]
    await this.#call('POST', `/v1/poll/${pollId}`, { body: { n: 1, frames } })
    this.#words.poll = pollId
  }

  async #open(state: SocketState): Promise<WsConnection> {
    const ws = await WsConnection.open(this.#server.port)
    if (state === 'fresh') return ws
    ws.send({ type: 'hello', token: this.#words.token })
    await ws.takeUntil(({ type }) => type === 'welcome', 'welcome')
    if (state === 'greeted') return ws
    ws.send({ type: 'resume', epoch: null, mark: null })
    for (const frame of await ws.takeUntil(({ type }) => type === 'resumed', 'resumed'))
      if (frame.type === 'resumed') Object.assign(this.#words, { mark: frame.mark, epoch: frame.epoch })
    return ws
  }

  async #sendFrame(input: FrameInput): Promise<Outcome> {
    const { state } = input
    const frames = input.frames.map((frame) => ({ ...frame, payload: filled(frame.payload, this.#words) }))
    const text = frames.map(({ payload }) => payload).join('')
    if (state === 'live' && (!this.#ws || this.#ws.isOver)) this.#ws = await this.#open('live')
    const ws = state === 'live' ? (this.#ws as WsConnection) : await this.#open(state)
    ws.sendFrames(frames)
    const heard = await heardOf(ws, state === 'fresh' ? 'hello' : typeOf(text))
    if (state !== 'live') ws.end()
    const last = heard.findLast((frame) => frame.type === 'ack')
    if (last?.type === 'ack') this.#words.last = last.clientMsgId
    const codes = [...errorsIn(heard), ...(ws.closeCode === null ? [] : [String(ws.closeCode)])]
    const defect = heard.length === 0 && ws.closeCode === null ? 'hung up on without a close' : defectOfFrames(heard, ws.closeCode)
    return { label: labelOf({ ...input, frames }), accepted: codes.length === 0, codes, defect }
  }

  /** On a socket of its own, which is over afterwards. */
  async #sendWire(input: FrameInput): Promise<Outcome> {
    const frames = input.frames.map((frame) => ({ ...frame, payload: filled(frame.payload, this.#words) }))
    const ws = await this.#open(input.state)
    ws.sendLast(frames, input.lost)
    const heard = await ws.takeAll()
    const codes = [...errorsIn(heard), String(ws.closeCode)]
    return { label: 'broken frames', accepted: false, codes, defect: defectOfFrames(heard, ws.closeCode) }
  }

  async #ask(input: HttpInput): Promise<Outcome> {
    const path = filled(input.path, this.#words)
    const headers = input.headers.map(([name, value]) => [name, filled(value, this.#words)] as const)
    const request = { ...input, path: encodeURI(path).replaceAll('%25', '%'), headers, body: input.body && filled(input.body, this.#words) }
    // Headers that say how long the request is, or what it turns into, are not for a connection that others use.
    if (headers.some(([name]) => /^(content-length|transfer-encoding|connection|upgrade|expect)$/i.test(name)))
      return this.#sendBytes({ via: 'bytes', bytes: bytesOf(request) })
    if (!this.#http || this.#http.isEnded) this.#http = new HttpConnection(this.#server.port)
    const answer = this.#http.ask(bytesOf(request), input.method === 'HEAD')
    // A poll with nothing to tell waits; ending it answers.
    const waiting = setTimeout(() => void this.#call('DELETE', `/v1/poll/${this.#words.poll}`), 200)
    const outcome = judgeAnswer(input.method, path, await inTime(answer, 'answer').finally(() => clearTimeout(waiting)))
    const hasEnded = outcome.label === 'route endPoll' ? outcome.accepted : outcome.codes.includes('NOT_FOUND')
    if (hasEnded && path.startsWith('/v1/poll/')) await this.#openPoll()
    return outcome
  }

  async #sendBytes({ bytes }: BytesInput): Promise<Outcome> {
    const isHead = bytes.startsWith('HEAD')
    const answer = await inTime(new HttpConnection(this.#server.port).last(filled(bytes, this.#words), isHead), 'end')
    const label = /^GET +\/ws/.test(bytes) ? 'upgrade' : 'broken requests'
    if (!answer) return { label, accepted: false, codes: ['hung up'], defect: null }
    const { code, defect } = refusalIn(answer, isHead)
    return { label, accepted: answer.status === 101, codes: code === null ? [] : [code], defect }
  }

  #drop(): void {
    this.#ws?.end()
    this.#http?.end()
    this.#ws = null
    this.#http = null
  }
}

/** What the input was answered with. What is done in silence is done, as far as it needs no timer, when two pings behind it are answered. */
async function heardOf(ws: WsConnection, type: string | null): Promise<readonly DownFrame[]> {
  const heard = async (...types: readonly string[]) => await ws.takeUntil((frame) => types.includes(frame.type), `answer to ${type}`)
  const ping = async () => {
    ws.send({ type: 'ping' })
    return await heard('pong')
  }
  if (type === null) return await heard('error')
  if (type === 'batch') return [...(await heard('ack', 'error')), ...(await ping())]
  if (answered.has(type)) return await heard(...answers)
  return [...(await ping()), ...(await ping())]
}

/** Null for text that is no frame. */
function typeOf(text: string): string | null {
  try {
    const { type } = JSON.parse(text)
    return frameTypes.includes(type) ? type : null
  } catch {
    return null
  }
}

function labelOf(input: Input): string {
  if (input.via === 'frame' && isOrderly(input)) {
    const type = typeOf(textOf(input))
    return type === null ? 'no frame' : `frame ${type}`
  }
  if (input.via === 'frame') return 'broken frames'
  return input.via === 'http' ? `${input.method} ${input.path}` : 'bytes'
}
