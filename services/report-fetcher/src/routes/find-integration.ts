import { HttpFault, notFound } from '@backhaul/http'
import type { Authorised, Integration, Settings } from '../adapters/settings.ts'
import { isAuthorised } from '../adapters/settings.ts'

/** @throws HttpFault 404 when the tenant has no such integration. */
export async function findIntegration(
  settings: Settings,
  tenantId: string,
  id: string,
): Promise<Integration> {
  const integration = (await settings.integrations()).find((i) => i.id === id && i.tenantId === tenantId)
  if (!integration) throw notFound(`Integration ${id}`)
  return integration
}

/** @throws HttpFault 409 when no seller has authorised it. */
export function authorised(integration: Integration): Authorised {
  if (isAuthorised(integration)) return integration
  throw notAuthorised(integration)
}

export const notAuthorised = ({ id }: Integration) =>
  new HttpFault(
    409,
    'INTEGRATION_NOT_AUTHORISED',
    `Integration ${id} is not authorised at Amazon: authorise it first`,
  )
