import type { DownFrame } from '@godwit/protocol/down.ts'
import type { ConversationId } from '@godwit/protocol/ids.ts'
import { describe, expect, it } from 'vitest'
import { noFaults } from './testing/sim-server.ts'
import { SimDisk } from './testing/sim-store.ts'
import { amina, bjorn, chen, crew, SimWorld, talk } from './testing/sim-world.ts'

/** What the server answers to each resume, from here on. */
function resumesOf({ server }: SimWorld): DownFrame[] {
  const resumed: DownFrame[] = []
  const { open } = server
  server.open = (userId, send, close) => {
    const hear = (frame: DownFrame) => {
      if (frame.type === 'resumed') resumed.push(frame)
      send(frame)
    }
    return open.call(server, userId, hear, close)
  }
  return resumed
}

describe('catching up', () => {
  it('[L6] who comes back to a group counts its members right, though it is renamed while its row is fetched', async () => {
    const world = new SimWorld(40)
    const life = world.live(amina)
    void life.client.connect()
    await world.clock.run(1_000)
    world.server.remove(crew, bjorn, amina)
    await world.clock.run(1_000)
    world.server.remove(crew, bjorn, chen)
    const { fetch } = world.net
    world.net.fetch = async (input, init) => {
      const answer = await fetch(input, init)
      if (!String(input).includes('/messages')) await world.clock.sleep(1_000)
      return answer
    }
    world.server.add(crew, bjorn, amina)
    await world.clock.run(800)
    world.server.conversation(crew).name = 'Nachtschicht 🌙'
    world.server.append(crew, bjorn, 'rename-1', { kind: 'renamed', name: 'Nachtschicht 🌙' })
    await world.clock.run(5_000)
    expect(life.client.conversation(crew).row.get()).toMatchObject({ name: 'Nachtschicht 🌙', memberCount: 2 })
  })

  it('[L6] what comes while the row of a new conversation is fetched does not wait for a heartbeat', async () => {
    const world = new SimWorld(39)
    const life = world.live(amina)
    void life.client.connect()
    await world.clock.run(1_000)
    const { fetch } = world.net
    world.net.fetch = async (input, init) => {
      const answer = await fetch(input, init)
      await world.clock.sleep(1_000)
      return answer
    }
    const id: ConversationId = 'c_00night-shift'
    world.server.create(id, 'direct', [bjorn, amina])
    await world.clock.run(500)
    world.say(id, bjorn, 'قبل المد بساعة؟ 🌊')
    await world.clock.run(5_000)
    expect(life.reported.get(id)?.map(({ entry }) => entry.seq)).toEqual([1, 2])
  })

  it('[L6] a heartbeat finds the last entry that was lost', async () => {
    const world = new SimWorld(11)
    const life = world.live(amina)
    void life.client.connect()
    await world.clock.run(1_000)
    world.server.faults = { ...world.server.faults, lose: 1 }
    world.say(talk, bjorn, 'Low tide at 14:52')
    await world.clock.run(31_000)
    world.expectComplete(life, amina)
  })

  it('[L7] a heartbeat finds own reading, flags and receipts whose push was lost', async () => {
    const world = new SimWorld(26)
    const life = world.live(amina)
    void life.client.connect()
    world.say(talk, bjorn, 'Die Fähre geht um neun ⛴️')
    await world.clock.run(60_000)
    world.server.faults = { ...noFaults, losePush: 1 }
    world.server.read(amina, talk, 2)
    world.server.read(bjorn, talk, 2)
    world.server.setFlags(amina, crew, { muted: true, archived: false, pinned: true })
    await world.clock.run(31_000)
    world.expectSame(life, amina)
    expect(life.client.unread.get().messages).toBe(0)
  })

  it('[L7] what a heartbeat has named and an answer is still to bring is in the next resume, however late it is', async () => {
    const world = new SimWorld(27)
    const disk = new SimDisk()
    const life = world.live(amina, disk)
    void life.client.connect()
    await world.clock.run(1_000)
    world.server.faults = { ...noFaults, losePush: 1 }
    world.server.setFlags(amina, crew, { muted: true, archived: false, pinned: false })
    world.net.loseRequests = 1
    await world.clock.run(300_000)
    life.crash()
    world.net.loseRequests = 0
    const next = world.live(amina, disk)
    void next.client.connect()
    await world.clock.run(5_000)
    world.expectSame(next, amina)
  })

  it('[L7] what a resume tells in outline is taken over, and nothing is fetched for it', async () => {
    const world = new SimWorld(41)
    const resumed = resumesOf(world)
    const life = world.live(amina)
    void life.client.connect()
    for (const text of ['Wind dreht auf Nordwest 💨', '14 pluvialis, 3 limosa', 'هل ترى الحلقة؟']) world.say(talk, bjorn, text)
    await world.clock.run(60_000)
    world.net.cut()
    world.server.read(amina, talk, 3)
    world.server.read(bjorn, talk, 2)
    const { length } = world.net.requests
    await world.clock.run(5_000)
    expect(resumed.at(-1)).toMatchObject({ conversations: [], outlines: [{ conversationId: talk, head: 4, read: 3 }] })
    expect(world.net.requests.slice(length)).toEqual([])
    world.expectSame(life, amina)
    expect(life.client.unread.get().messages).toBe(1)
  })

  it('[L6] an outline that names more than is here has it fetched, as something of yesterday', async () => {
    const world = new SimWorld(42)
    const disk = new SimDisk()
    const life = world.live(amina, disk)
    void life.client.connect()
    await world.clock.run(60_000)
    world.net.cut()
    const { seq } = world.say(talk, bjorn, 'The other phone has this already 📱')
    world.server.deliver(amina, talk, seq)
    const live: boolean[] = []
    life.client.on('entry', (event) => live.push(event.live))
    await world.clock.run(5_000)
    world.expectComplete(life, amina)
    expect(live).toEqual([false])
  })

  it('[L8] a row that was still to be asked for at a crash is asked for by the next life, though the resume has only its outline', async () => {
    const world = new SimWorld(43)
    const resumed = resumesOf(world)
    const disk = new SimDisk()
    const life = world.live(amina, disk)
    void life.client.connect()
    for (let i = 0; i < 320; i++) world.say(talk, bjorn)
    await world.clock.run(60_000)
    world.net.loseRequests = 1
    // Unread, and no longer held: only the server can tell what is left.
    world.server.append(talk, bjorn, 'delete-1', { kind: 'delete', target: 9 })
    await world.clock.run(2_000)
    life.crash()
    world.net.loseRequests = 0
    const next = world.live(amina, disk)
    void next.client.connect()
    await world.clock.run(5_000)
    expect(resumed.at(-1)).toMatchObject({ outlines: [{ conversationId: talk }] })
    world.expectSame(next, amina)
  })

  it.each(['a resume', 'a heartbeat'])(
    '[L8] what was read offline stays read in the next life when %s confirmed it in outline',
    async (how) => {
      const world = new SimWorld(44)
      const disk = new SimDisk()
      const life = world.live(amina, disk)
      void life.client.connect()
      for (const text of ['Flut um 18:52', 'Ist der Schlüssel noch bei dir?', 'さっき渡したよ']) world.say(talk, bjorn, text)
      await world.clock.run(60_000)
      // Of reading while the connection lives the server tells in a push.
      if (how === 'a heartbeat') world.server.faults = { ...noFaults, losePush: 1 }
      else world.net.cut()
      life.client.conversation(talk).markRead(4)
      await world.clock.run(35_000)
      life.crash()
      world.net.down = true
      const next = world.live(amina, disk)
      void next.client.connect()
      await world.clock.run(1_000)
      expect(next.client.conversations.get().find((row) => row.conversationId === talk)).toMatchObject({ head: 4, unread: 0 })
    },
  )

  it('[L7] a reset with another epoch starts anew, and keeps what is unsent', async () => {
    const world = new SimWorld(12)
    const life = world.live(amina)
    void life.client.connect()
    await world.clock.run(1_000)
    world.net.cut()
    world.net.down = true
    const sending = life.client.conversation(talk).send({ text: 'still here?' })
    let resets = 0
    life.client.on('reset', () => {
      resets++
      life.reported.clear()
    })
    world.server.epoch = 'e2'
    world.net.down = false
    life.client.wake()
    await world.clock.run(30_000)
    await sending.acked
    expect(resets).toBe(1)
    world.expectComplete(life, amina)
  })

  it('[L7] a reset because too much changed reports what is missing and nothing twice', async () => {
    const world = new SimWorld(13)
    const life = world.live(amina)
    void life.client.connect()
    await world.clock.run(1_000)
    world.server.resumeMax = 0
    world.net.cut()
    for (let i = 0; i < 40; i++) world.say(world.clock.pick([talk, crew]), bjorn)
    await world.clock.run(30_000)
    world.expectComplete(life, amina)
    world.expectSame(life, amina)
  })
})
