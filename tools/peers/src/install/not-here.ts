/** A peer that cannot be had on this machine: its comparisons are skipped by name, with what would bring it. */
export class NotHere extends Error {}
