/** @module Interface omnifs:provider/http-write@1.0.0 **/
export function send(request: Request): Response;
export type Request = import('./omnifs-provider-http.d.ts').Request;
export type Response = import('./omnifs-provider-http.d.ts').Response;
export type HttpError = import('./omnifs-provider-http.d.ts').HttpError;
