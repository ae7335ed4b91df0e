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
  expect(new Set(Array.from({ length: 200 }, (_, i) => hue(`u_${i}`, 8))).size).toBe(8)
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
