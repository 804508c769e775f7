/** The sandbox's own API: not described, so not typed. */
import { Refused, Unreachable } from '@/api/problem'

export async function post<T>(path: string, sent: unknown): Promise<T> {
  const answer = await fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(sent),
  }).catch(() => {
    throw new Unreachable()
  })
  if (!answer.ok) throw new Refused({ status: answer.status, code: `SANDBOX-${answer.status}` })
  const said = await answer.text()
  return (said ? JSON.parse(said) : undefined) as T
}
