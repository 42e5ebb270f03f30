export { type Caller, type Scope, scopes, type VerifyKey, verifyAtConfigService } from './auth.ts'
export { fromCursor, pageOf, pageQuery, toCursor } from './paging.ts'
export { HttpFault, notFound, type ProblemAt, problemSchema } from './problem.ts'
export { type RestApi, restApi } from './rest-api.ts'
