/** The godwit of the favicon. */
export function Brand({ size = 40 }: { readonly size?: number }) {
  return <img src="/favicon.svg" width={size} height={size} alt="" />
}
