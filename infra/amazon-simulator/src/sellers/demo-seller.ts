/** The seller that is there without a scenario, and the application it authorised. All of it is made up. */
export const demoSeller = {
  sellerId: 'A0DEMOSELLER00',
  clientId: 'amzn1.application-oa2-client.demo',
  clientSecret: 'amzn1.oa2-cs.v1.demo',
  refreshToken: 'Atzr|demo-refresh-token',
  marketplaces: ['A1PA6795UKMFR9', 'A13V1IB3VIYZZH', 'A1F83G8C2ARO7P'],
} as const
