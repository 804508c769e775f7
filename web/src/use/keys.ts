/**
 * Idempotency keys that survive a reload: the same intention sends the same key until it is
 * through, so that a broken line or a second tap never files or pays twice.
 */
const PREFIX = 'chepai.key.'

export function keyOf(intention: string): string {
  const known = sessionStorage.getItem(PREFIX + intention)
  if (known) return known
  const made = crypto.randomUUID()
  sessionStorage.setItem(PREFIX + intention, made)
  return made
}

export function done(intention: string): void {
  sessionStorage.removeItem(PREFIX + intention)
}
