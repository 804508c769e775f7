/** What the city refuses and why (RFC 9457), as it comes over the wire. */
export interface Problem {
  status: number
  code: string
  title?: string
  detail?: string
  field?: string
  fields?: { field: string; code: string }[]
  translations?: Record<string, { title?: string; detail?: string }>
}

export class Refused extends Error {
  constructor(readonly problem: Problem) {
    super(problem.code)
  }

  /** In the language asked for; the answer itself is in the language of the request. */
  said(language: string): { title?: string; detail?: string } {
    return this.problem.translations?.[language] ?? this.problem
  }
}

/** No answer came: the line is down, not the application. */
export class Unreachable extends Error {}
