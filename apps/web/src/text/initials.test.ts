import { expect, test } from 'vitest'
import { matchScore } from '../shell/match.ts'
import { isEmojiOnly } from './emoji-only.ts'
import { hue, initials } from './initials.ts'

test('initials of names from anywhere', () => {
  expect(['Ana Lima', 'ana', 'Jean-Luc  van der Berg', '王小明', '田中 健二', 'أميرة حداد', '👩‍🚀 Ada', ''].map(initials)).toEqual([
    'AL',
    'A',
    'JB',
    '王',
    '田',
    'أح',
    '👩‍🚀',
    '',
  ])
})

test('a colour stays with its id, and ids spread over the colours', () => {
  expect(hue('u_ana', 8)).toBe(hue('u_ana', 8))
  const ids = Array.from({ length: 800 }, (_, i) => `u_7399${BigInt(i) * 4096n + 881_000_000_000n}`)
  const counts = Array.from({ length: 8 }, (_, colour) => ids.filter((id) => hue(id, 8) === colour).length)
  for (const count of counts) expect(Math.abs(count - 100)).toBeLessThan(40)
})

test('only emoji, and few of them, are shown large', () => {
  expect(['😂', '😂😂', '👩‍🚀 🇳🇱 👍🏽', '❤️'].every(isEmojiOnly)).toBe(true)
  expect(['ok 👍', '7', '#', '', '😂'.repeat(7)].some(isEmojiOnly)).toBe(false)
})

test('the switcher finds by start, word, part and letters, without case and accents', () => {
  expect(matchScore('Inês Carvalho', 'ines')).toBe(4)
  expect(matchScore('Inês Carvalho', 'car')).toBe(3)
  expect(matchScore('Inês Carvalho', 'valho')).toBe(2)
  expect(matchScore('Inês Carvalho', 'icv')).toBe(1)
  expect(matchScore('Inês Carvalho', 'x')).toBe(0)
})
