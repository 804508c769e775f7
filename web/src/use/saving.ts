/** Hand a document to the person as a file; nothing leaves the device again. */
export function save(name: string, said: unknown): void {
  const file = new Blob([JSON.stringify(said, null, 2)], { type: 'application/json' })
  const link = document.createElement('a')
  link.href = URL.createObjectURL(file)
  link.download = name
  link.click()
  window.setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
}
