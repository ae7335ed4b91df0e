/** Mistakes of the kinds that the fuzzer is there for, so that a test can see it find them. */
import type { Patch } from '../../../patch/src/patch.ts'

export const patches: readonly Patch[] = [
  {
    name: 'throws-on-one-value',
    file: 'packages/server/src/gateway/typing.ts',
    find: '  const members = await chat.currentMembers(principal, conversationId)\n',
    replace:
      "  if (frame.on === false) throw new TypeError('planted: not a value')\n  const members = await chat.currentMembers(principal, conversationId)\n",
  },
  {
    name: 'throws-outside-of-every-catch',
    file: 'apps/server/src/ws-listener.ts',
    find: 'function ignoreError(): void {}\n',
    replace: "function ignoreError(): void {\n  throw new Error('planted: nobody catches')\n}\n",
  },
  {
    name: 'refuses-in-its-own-words',
    file: 'apps/server/src/http-listener.ts',
    find: '    frameworkErrors: errorHandler(log),\n',
    replace: '',
  },
  {
    name: 'leaks',
    file: 'packages/server/src/gateway/session.ts',
    find: '  receive(text: string): void {\n',
    replace:
      '  receive(text: string): void {\n    ;((globalThis as { leaked?: Buffer[] }).leaked ??= []).push(Buffer.alloc(128 * 1024, 1))\n',
  },
]
