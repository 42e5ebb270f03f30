import { randomUUID } from 'node:crypto'
import type { Region } from '@backhaul/domain'
import { type World, worldOf } from '../world/world.ts'
import { demoSeller } from './demo-seller.ts'

/** What a scenario says about a seller. */
export interface SellerSpec {
  readonly sellerId: string
  readonly refreshToken: string
  readonly region: Region
  readonly marketplaces: readonly string[]
  /** FBA-only sellers have no merchant-fulfilled returns: their return reports always end CANCELLED. */
  readonly programme: 'fbm' | 'fba'
  /** Orders in 60 days; 40 % of them come back. */
  readonly orders: number
  /** Operations and report types that the roles of the authorisation do not cover. */
  readonly denied: readonly string[]
}

export const demoSpec: SellerSpec = {
  sellerId: demoSeller.sellerId,
  refreshToken: demoSeller.refreshToken,
  region: 'eu',
  marketplaces: demoSeller.marketplaces,
  programme: 'fbm',
  orders: 300,
  denied: [],
}

/** A seller with an authorisation, and with orders and returns from the seed. */
export class Seller {
  readonly spec: SellerSpec
  revoked = false
  denied: readonly string[]
  readonly #worldOf: () => World
  #world: World | undefined

  constructor(spec: SellerSpec, seed: number, epoch: number) {
    this.spec = spec
    this.denied = spec.denied
    const { marketplaces, orders } = spec
    this.#worldOf = () => worldOf(seed, epoch, { marketplaces, orders })
  }

  get sellerId(): string {
    return this.spec.sellerId
  }

  /** Made when first asked for: fifty sellers are there at once. */
  get world(): World {
    this.#world ??= this.#worldOf()
    return this.#world
  }

  /** An access token names its seller; one that a test made up without a name is the first seller's. */
  newAccessToken(): string {
    return `Atza|${this.sellerId}|${randomUUID()}`
  }
}

/** The sellers that authorised the application. */
export class Sellers {
  readonly all: readonly Seller[]

  constructor(specs: readonly SellerSpec[], seed: number, epoch: number) {
    this.all = specs.map((spec, n) => new Seller(spec, seed + n, epoch))
  }

  get first(): Seller {
    return this.all[0] as Seller
  }

  byId(sellerId: string): Seller | undefined {
    return this.all.find((seller) => seller.sellerId === sellerId)
  }

  byRefreshToken(refreshToken: string | undefined): Seller | undefined {
    return this.all.find((seller) => seller.spec.refreshToken === refreshToken)
  }

  ofAccessToken(token: string): Seller {
    return this.byId(token.split('|')[1] ?? '') ?? this.first
  }
}
