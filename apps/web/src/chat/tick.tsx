import { t } from '../i18n.ts'
import type { Delivery } from './delivery.ts'

const shapes: Record<Delivery, string> = {
  queued: 'M8 13.500a5.500 5.500 0 1 0 0-11 5.500 5.500 0 0 0 0 11zM8 5v3.200l2 1.200',
  sending: 'M8 13.500a5.500 5.500 0 1 0 0-11 5.500 5.500 0 0 0 0 11zM8 5v3.200l2 1.200',
  sent: 'M3.500 8.500l3 3 6-7',
  delivered: 'M1 8.500l3 3 6-7M7.500 11l.5.500 6-7',
  read: 'M1 8.500l3 3 6-7M7.500 11l.5.500 6-7',
  failed: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM8 5v3.500M8 10.800v.1',
}

/** The state of an own message: by shape and by words; colour only adds to it. */
export function Tick({ delivery }: { readonly delivery: Delivery }) {
  return (
    <span className="tick" data-delivery={delivery} title={t(`delivery.${delivery}`)}>
      <svg
        width="16"
        height="16"
        viewBox="0 0 16 16"
        fill="none"
        stroke="currentColor"
        strokeWidth={delivery === 'read' ? 2.1 : 1.6}
        strokeLinecap="round"
        strokeLinejoin="round"
        aria-hidden="true"
      >
        <path d={shapes[delivery]} />
      </svg>
      <span className="hidden-text">{t(`delivery.${delivery}`)}</span>
    </span>
  )
}
