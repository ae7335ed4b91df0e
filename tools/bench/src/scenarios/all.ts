/** Every scenario, in the order in which they run. */
import type { Scenario } from '../bench.ts'
import { cold } from './cold.ts'
import { direct } from './direct.ts'
import { group } from './group.ts'
import { growth } from './growth.ts'
import { history } from './history.ts'
import { hotConversation } from './hot-conversation.ts'
import { idle } from './idle.ts'
import { list } from './list.ts'
import { mixed } from './mixed.ts'
import { reconnectStorm } from './reconnect-storm.ts'

export const scenarios: readonly Scenario[] = [
  direct(64, { ratioMax: 2 }),
  direct(1_000, { ratioMax: 1.3 }),
  direct(4_000, { ratioMax: 1, perSMin: 25_000 }),
  group('group-500', 1, 0.8),
  group('group-500-burst', 20, 0.15),
  cold,
  hotConversation,
  mixed,
  idle,
  reconnectStorm,
  history,
  growth,
  list,
]
