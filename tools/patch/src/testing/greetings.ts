import type { Patch } from '../patch.ts'

const file = 'tools/patch/src/testing/greeting.ts'

export const patches: readonly Patch[] = [
  { name: 'in-chinese', file, find: `= 'moin'`, replace: `= '早上好'` },
  { name: 'twice', file, find: 'console.log(greeting, theirs)', replace: 'console.log(greeting, theirs, greeting, theirs)' },
]
