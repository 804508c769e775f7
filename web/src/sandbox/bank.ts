/** What the citizen does at a bank; the sandbox's bank is part of the sandbox, not of the city. */
import { Refused, Unreachable } from '@/api/problem'

const KEY = 'chepai.key.paid.'

/** Paid on this device, while the bank's word to the city may still be on its way. */
export const isPaid = (applicationId: string): boolean => sessionStorage.getItem(KEY + applicationId) !== null

/** The bank took it back: it may be paid again. */
export const forgetPaid = (applicationId: string): void => sessionStorage.removeItem(KEY + applicationId)

export async function payAtTheSandboxBank(paymentId: string, applicationId: string): Promise<boolean> {
  // The bank learns of the order a moment after the city gave it its number.
  for (let tries = 0; ; tries += 1) {
    const answer = await fetch(`/sandbox/payments/${paymentId}/pay?patient=1`, { method: 'POST' }).catch(() => {
      throw new Unreachable()
    })
    const unheard = answer.status === 202
    if (answer.ok && !unheard) {
      const { status } = (await answer.json()) as { status: string }
      const paid = status === 'PAID'
      if (paid) sessionStorage.setItem(KEY + applicationId, paymentId)
      return paid
    }
    if (!unheard || tries === 20) {
      throw new Refused({ status: answer.status, code: `BANK-${answer.status}` })
    }
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
}
