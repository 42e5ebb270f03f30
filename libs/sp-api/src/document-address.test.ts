import dns from 'node:dns'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { checkAddress, isPublic } from './document-address.ts'
import { downloadDocument } from './download.ts'

const refusal = (address: string, amazonUrl?: string) => {
  try {
    return checkAddress(address, amazonUrl)
  } catch (error) {
    return (error as { code: string }).code
  }
}

describe('SSRF: documents are read from and sent to', () => {
  test.each([
    'https://d34o8swod1owfl.cloudfront.net/Report_1.txt?Expires=1',
    'https://tortuga-prod-eu.s3.eu-west-1.amazonaws.com/x?X-Amz-Expires=300',
    'https://tortuga-prod-eu.s3-eu-west-1.amazonaws.com/x',
    'https://tortuga.prod.s3.amazonaws.com/x',
    'https://tortuga.s3.us-gov-west-1.amazonaws.com/x',
    'https://s3.us-west-2.amazonaws.com/tortuga/x',
    'https://x.s3.dualstack.us-east-1.amazonaws.com/y',
    'https://documents.sellingpartnerapi-eu.amazon.com/x',
  ])("Amazon's stores: %s", (address) => {
    expect(refusal(address)).toBe(false)
  })

  test.each([
    ['plain http', 'http://d34o8swod1owfl.cloudfront.net/x'],
    ['another scheme', 'file:///etc/passwd'],
    ['another port', 'https://d34o8swod1owfl.cloudfront.net:8443/x'],
    ['a name and password', 'https://user:secret@d34o8swod1owfl.cloudfront.net/x'],
    ['another host', 'https://example.com/x'],
    ['a host that ends alike', 'https://evilcloudfront.net/x'],
    ['a host that begins alike', 'https://d34o8swod1owfl.cloudfront.net.evil.example/x'],
    ['a host after an at sign', 'https://d34o8swod1owfl.cloudfront.net@evil.example/x'],
    ["somebody's machine at AWS", 'https://ec2-1-2-3-4.compute.amazonaws.com/x'],
    ["somebody's machine that is called s3", 'https://s3.ec2-1-2-3-4.compute.amazonaws.com/x'],
    ["somebody's function at AWS", 'https://abc.execute-api.us-east-1.amazonaws.com/x'],
    ['the metadata service', 'http://169.254.169.254/latest/meta-data'],
    ['the metadata service by https', 'https://169.254.169.254/latest'],
    ['this machine', 'https://localhost/x'],
    ['this machine as a number', 'https://2130706433/x'],
    ['this machine by IPv6', 'https://[::1]/x'],
    ['no host', 'not an address'],
    ['nothing', ''],
  ])('not %s', (_, address) => {
    expect(refusal(address)).toBe('DOCUMENT_ADDRESS_REFUSED')
  })

  test("the server in Amazon's place, and no other on its host", () => {
    const amazonUrl = 'http://127.0.0.1:7010'
    expect(refusal('http://127.0.0.1:7010/documents/1', amazonUrl)).toBe(true)
    for (const other of [
      'http://127.0.0.1:7011/x',
      'https://127.0.0.1:7010/x',
      'http://localhost:7010/x',
      'http://user@127.0.0.1:7010/x',
      'http://127.0.0.1:7010@evil.example/x',
    ]) {
      expect(refusal(other, amazonUrl)).toBe('DOCUMENT_ADDRESS_REFUSED')
    }
  })
})

test.each([
  ['127.0.0.1', false],
  ['10.1.2.3', false],
  ['172.16.0.1', false],
  ['192.168.1.1', false],
  ['169.254.169.254', false],
  ['100.64.1.1', false],
  ['0.0.0.0', false],
  ['224.0.0.1', false],
  ['255.255.255.255', false],
  ['::1', false],
  ['::', false],
  ['::ffff:127.0.0.1', false],
  ['::ffff:a9fe:a9fe', false],
  ['fd00::1', false],
  ['fe80::1', false],
  ['64:ff9b::7f00:1', false],
  ['2002:7f00:1::', false],
  ['52.95.110.1', true],
  ['172.32.0.1', true],
  ['2600:9000::1', true],
])('SSRF: %s is a public address: %s', (address, expected) => {
  expect(isPublic(address)).toBe(expected)
})

describe('SSRF: a name that leads into a private network is not connected to', () => {
  const lookup = vi.spyOn(dns, 'lookup')
  afterAll(() => lookup.mockRestore())
  const leadsTo = (...addresses: string[]) =>
    lookup.mockImplementation(((_host: string, _options: object, callback: (...found: unknown[]) => void) =>
      callback(
        null,
        addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      )) as never)

  test.each([
    ['this machine', ['127.0.0.1']],
    ['the metadata service', ['169.254.169.254']],
    ['both a public and a private address', ['52.95.110.1', '::ffff:10.0.0.1']],
  ])('%s', async (_, addresses) => {
    leadsTo(...addresses)
    const reading = downloadDocument('https://tortuga.s3.amazonaws.com/x', async () => {}, {
      deadlineMs: 5_000,
    })
    await expect(reading).rejects.toMatchObject({
      code: 'DOCUMENT_ADDRESS_REFUSED',
      message: expect.stringContaining('private network'),
    })
  })
})
