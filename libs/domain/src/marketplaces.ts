/** Regions of the Selling Partner API. An authorisation and an endpoint belong to one of them. */
export type Region = 'na' | 'eu' | 'fe'

/** One Amazon marketplace. */
export interface Marketplace {
  /** ISO 3166-1 alpha-2. */
  readonly country: string
  readonly name: string
  readonly id: string
  readonly region: Region
  readonly currency: string
  /** The country's main zone. Amazon documents none: used for the start time of an import and for display. */
  readonly timeZone: string
  readonly domain: string
}

const marketplace = (
  country: string,
  name: string,
  id: string,
  region: Region,
  currency: string,
  timeZone: string,
  domain: string,
): Marketplace => ({ country, name, id, region, currency, timeZone, domain })

/** Source: Selling Partner API documentation, "Marketplace IDs". */
export const marketplaces: readonly Marketplace[] = [
  marketplace('US', 'United States', 'ATVPDKIKX0DER', 'na', 'USD', 'America/Los_Angeles', 'amazon.com'),
  marketplace('CA', 'Canada', 'A2EUQ1WTGCTBG2', 'na', 'CAD', 'America/Los_Angeles', 'amazon.ca'),
  marketplace('MX', 'Mexico', 'A1AM78C64UM0Y8', 'na', 'MXN', 'America/Los_Angeles', 'amazon.com.mx'),
  marketplace('BR', 'Brazil', 'A2Q3Y263D00KWC', 'na', 'BRL', 'America/Sao_Paulo', 'amazon.com.br'),
  marketplace('IE', 'Ireland', 'A28R8C7NBKEWEA', 'eu', 'EUR', 'Europe/Dublin', 'amazon.ie'),
  marketplace('ES', 'Spain', 'A1RKKUPIHCS9HS', 'eu', 'EUR', 'Europe/Madrid', 'amazon.es'),
  marketplace('GB', 'United Kingdom', 'A1F83G8C2ARO7P', 'eu', 'GBP', 'Europe/London', 'amazon.co.uk'),
  marketplace('FR', 'France', 'A13V1IB3VIYZZH', 'eu', 'EUR', 'Europe/Paris', 'amazon.fr'),
  marketplace('BE', 'Belgium', 'AMEN7PMS3EDWL', 'eu', 'EUR', 'Europe/Brussels', 'amazon.com.be'),
  marketplace('NL', 'Netherlands', 'A1805IZSGTT6HS', 'eu', 'EUR', 'Europe/Amsterdam', 'amazon.nl'),
  marketplace('DE', 'Germany', 'A1PA6795UKMFR9', 'eu', 'EUR', 'Europe/Berlin', 'amazon.de'),
  marketplace('IT', 'Italy', 'APJ6JRA9NG5V4', 'eu', 'EUR', 'Europe/Rome', 'amazon.it'),
  marketplace('SE', 'Sweden', 'A2NODRKZP88ZB9', 'eu', 'SEK', 'Europe/Stockholm', 'amazon.se'),
  marketplace('ZA', 'South Africa', 'AE08WJ6YKNBMC', 'eu', 'ZAR', 'Africa/Johannesburg', 'amazon.co.za'),
  marketplace('PL', 'Poland', 'A1C3SOZRARQ6R3', 'eu', 'PLN', 'Europe/Warsaw', 'amazon.pl'),
  marketplace('EG', 'Egypt', 'ARBP9OOSHTCHU', 'eu', 'EGP', 'Africa/Cairo', 'amazon.eg'),
  marketplace('TR', 'Turkey', 'A33AVAJ2PDY3EV', 'eu', 'TRY', 'Europe/Istanbul', 'amazon.com.tr'),
  marketplace('SA', 'Saudi Arabia', 'A17E79C6D8DWNP', 'eu', 'SAR', 'Asia/Riyadh', 'amazon.sa'),
  marketplace('AE', 'United Arab Emirates', 'A2VIGQ35RCS4UG', 'eu', 'AED', 'Asia/Dubai', 'amazon.ae'),
  marketplace('IN', 'India', 'A21TJRUUN4KGV', 'eu', 'INR', 'Asia/Kolkata', 'amazon.in'),
  marketplace('SG', 'Singapore', 'A19VAU5U5O7RUS', 'fe', 'SGD', 'Asia/Singapore', 'amazon.sg'),
  marketplace('AU', 'Australia', 'A39IBJ37TRP1C6', 'fe', 'AUD', 'Australia/Sydney', 'amazon.com.au'),
  marketplace('JP', 'Japan', 'A1VC38T7YXB528', 'fe', 'JPY', 'Asia/Tokyo', 'amazon.co.jp'),
]

const byId = new Map(marketplaces.map((m) => [m.id, m]))
const byCountry = new Map(marketplaces.map((m) => [m.country, m]))

export const marketplaceById = (id: string): Marketplace | undefined => byId.get(id)
export const marketplaceByCountry = (country: string): Marketplace | undefined => byCountry.get(country)
