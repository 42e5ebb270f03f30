import dns, { type LookupAddress, type LookupOptions } from 'node:dns'
import { BlockList, isIPv6 } from 'node:net'
import { SpApiError } from './errors.ts'

/**
 * Hosts that report documents lie on: S3 in any spelling, CloudFront, and Amazon's own. Not all of `amazonaws.com`, where
 * anybody's machines have names. Source: Reports API 2021-06-30, ReportDocument.url ("S3 or CloudFront").
 */
const DOCUMENT_HOSTS = [
  /^([a-z0-9.-]+\.)?s3([.-](dualstack\.)?[a-z]{2}(-[a-z]+)+-\d)?\.amazonaws\.com$/,
  /^[a-z0-9-]+\.cloudfront\.net$/,
  /^([a-z0-9-]+\.)+amazon\.com$/,
]

/** Networks that no public store is in. Source: IANA special-purpose address registries. */
const NOT_PUBLIC = new BlockList()
for (const [network, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const) {
  NOT_PUBLIC.addSubnet(network, bits, 'ipv4')
}
for (const [network, bits] of [
  ['::', 96],
  ['64:ff9b::', 32],
  ['100::', 64],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
] as const) {
  NOT_PUBLIC.addSubnet(network, bits, 'ipv6')
}

/**
 * Whether a document's address may be asked, by its words alone: https at one of Amazon's document hosts, or the server
 * that was configured in Amazon's place.
 *
 * @returns True for the server in Amazon's place, which may be on a private network.
 * @throws SpApiError `DOCUMENT_ADDRESS_REFUSED`, naming the host only: the rest of an address is a secret.
 */
export function checkAddress(address: string, amazonUrl: string | undefined): boolean {
  const url = URL.parse(address)
  if (!url) throw refused('Its address is no URL')
  const named = url.username === '' && url.password === ''
  if (named && amazonUrl !== undefined && url.origin === new URL(amazonUrl).origin) return true
  if (!named) throw refused(`${url.hostname} is asked for with a name and password`)
  if (url.protocol !== 'https:') throw refused(`${url.hostname} is not asked by https`)
  if (url.port !== '') throw refused(`${url.hostname} is asked on port ${url.port}`)
  if (!DOCUMENT_HOSTS.some((host) => host.test(url.hostname)))
    throw refused(`${url.hostname} is none of Amazon's document stores`)
  return false
}

type Lookup = (
  hostname: string,
  options: LookupOptions,
  callback: (error: NodeJS.ErrnoException | null, found: string | LookupAddress[], family?: number) => void,
) => void

/**
 * A name look-up for connections that gives public addresses only. It is the connection's own, so that a name which
 * answers differently the second time gains nothing.
 */
export const publicLookup: Lookup = (hostname, options, callback) =>
  dns.lookup(hostname, options, (error, found, family) => {
    if (error) return callback(error, found, family)
    const addresses = Array.isArray(found) ? found.map(({ address }) => address) : [found]
    if (addresses.every(isPublic)) return callback(null, found, family)
    callback(refused(`${hostname} leads into a private network`), found, family)
  })

export const isPublic = (address: string): boolean =>
  !NOT_PUBLIC.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')

const refused = (told: string) =>
  new SpApiError('DOCUMENT_ADDRESS_REFUSED', `The document is not read or sent: ${told}`)
