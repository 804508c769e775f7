/** What the citizen does at a bank; the sandbox's bank is part of the sandbox, not of the city. */
import { Refused, Unreachable } from '@/api/problem'

export async function payAtTheSandboxBank(paymentId: string): Promise<void> {
  // The bank learns of the order a moment after the city gave it its number.
  for (let tries = 0; ; tries += 1) {
    const answer = await fetch(`/sandbox/payments/${paymentId}/pay`, { method: 'POST' }).catch(() => {
      throw new Unreachable()
    })
    if (answer.ok) return
    if (answer.status !== 404 || tries === 20) {
      throw new Refused({ status: answer.status, code: `BANK-${answer.status}` })
    }
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
}
