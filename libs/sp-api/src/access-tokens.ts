/** An access token and when it ends, milliseconds. */
export interface IssuedToken {
  readonly accessToken: string
  readonly expiresAt: number
}

/** Access tokens of one seller. */
export interface TokenSource {
  /** A token that is good as far as is known. */
  get(): Promise<string>
  /** Another token than the one that Amazon refused. */
  renew(refused: string): Promise<string>
}

/** A token is renewed this long before it ends, so that none ends on its way. */
const RENEW_BEFORE_MS = 5 * 60_000

/**
 * Access tokens of all sellers of a process, cached. Each is renewed once, however many callers wait for it, and also when
 * many were refused the same one. A renewal that fails is not kept: the next caller tries again.
 */
export class AccessTokens {
  readonly #issue: (owner: string, refused: boolean) => Promise<IssuedToken>
  readonly #now: () => number
  readonly #issued = new Map<string, IssuedToken>()
  readonly #renewals = new Map<string, Promise<IssuedToken>>()

  /** @param issue Gets a token; `refused` tells that Amazon refused the last one. What it throws, callers get. */
  constructor(
    issue: (owner: string, refused: boolean) => Promise<IssuedToken>,
    now: () => number = Date.now,
  ) {
    this.#issue = issue
    this.#now = now
  }

  /** @param owner Whose tokens, such as the id of an integration. */
  of(owner: string): TokenSource {
    return {
      get: async () => {
        const issued = this.#issued.get(owner)
        if (issued && issued.expiresAt - RENEW_BEFORE_MS > this.#now()) return issued.accessToken
        return (await this.#renewed(owner, false)).accessToken
      },
      renew: async (refused) => {
        const issued = this.#issued.get(owner)
        if (issued && issued.accessToken !== refused) return issued.accessToken
        return (await this.#renewed(owner, true)).accessToken
      },
    }
  }

  #renewed(owner: string, refused: boolean): Promise<IssuedToken> {
    const running = this.#renewals.get(owner)
    if (running) return running
    const renewal = this.#issue(owner, refused).then(
      (issued) => {
        this.#renewals.delete(owner)
        this.#issued.set(owner, issued)
        return issued
      },
      (error) => {
        this.#renewals.delete(owner)
        this.#issued.delete(owner)
        throw error
      },
    )
    this.#renewals.set(owner, renewal)
    return renewal
  }
}
