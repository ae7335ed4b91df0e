/** One to six emoji and nothing else: shown large. */
const emojiOnly = /^(?:\p{RGI_Emoji}\s?){1,6}$/v

export function isEmojiOnly(text: string): boolean {
  return text.length <= 80 && emojiOnly.test(text.trim())
}
