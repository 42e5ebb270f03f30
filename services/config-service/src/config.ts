import { databaseConfig } from '@backhaul/runtime'
import { z } from 'zod'

const KEY_BYTES = 32

export const config = z.object({
  ...databaseConfig,
  /** Mixed into the hash of API keys. */
  API_KEY_PEPPER: z.string().min(16),
  /** Encrypts refresh tokens: 32 bytes, base64. */
  SECRETS_KEY: z
    .base64()
    .refine(
      (text) => Buffer.from(text, 'base64').length === KEY_BYTES,
      `must be ${KEY_BYTES} bytes in base64`,
    ),
  /** Key of Backhaul's own services; acts for all tenants. */
  SERVICE_API_KEY: z.string().min(16),
  /** Tenant and full-scope key that exist from the start. */
  BOOTSTRAP_TENANT_ID: z.string().min(1).default('default'),
  BOOTSTRAP_API_KEY: z.string().min(16).optional(),
  /** Our application at Login with Amazon. */
  LWA_CLIENT_ID: z.string().min(1),
  LWA_CLIENT_SECRET: z.string().min(1),
  /** The application at Amazon that the calls are counted for; the same in all services. */
  AMAZON_APPLICATION: z.string().min(1).default('backhaul'),
  AMAZON_URL: z.url().optional(),
})
