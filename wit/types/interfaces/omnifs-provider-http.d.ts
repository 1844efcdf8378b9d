/** @module Interface omnifs:provider/http@1.0.0 **/
export function fetch(request: Request): Response;
export type Header = import('./omnifs-provider-types.d.ts').Header;
export type Payload = import('./omnifs-provider-types.d.ts').Payload;
/**
 * # Variants
 * 
 * ## `"get"`
 * 
 * ## `"head"`
 * 
 * ## `"post"`
 * 
 * ## `"put"`
 * 
 * ## `"patch"`
 * 
 * ## `"delete"`
 */
export type Method = 'get' | 'head' | 'post' | 'put' | 'patch' | 'delete';
/**
 * How the guest wants the answer's body.
 * # Variants
 * 
 * ## `"text"`
 * 
 * ## `"bytes"`
 * 
 * ## `"none"`
 */
export type BodyKind = 'text' | 'bytes' | 'none';
export interface Request {
  method: Method,
  /**
   * Absolute `https:` URL, or `unix:` socket target as granted.
   */
  url: string,
  headers: Array<Header>,
  body?: Payload,
  expect: BodyKind,
}
export interface Response {
  status: number,
  headers: Array<Header>,
  body: Payload,
}
export type HttpError = HttpErrorDenied | HttpErrorTimeout | HttpErrorTooLarge | HttpErrorRateLimited | HttpErrorConnection;
/**
 * Outside what the user granted; names the target that would have to be.
 */
export interface HttpErrorDenied {
  tag: 'denied',
  val: string,
}
export interface HttpErrorTimeout {
  tag: 'timeout',
}
export interface HttpErrorTooLarge {
  tag: 'too-large',
}
/**
 * The host is waiting out the upstream's rate limit; milliseconds still to wait.
 */
export interface HttpErrorRateLimited {
  tag: 'rate-limited',
  val: bigint | undefined,
}
export interface HttpErrorConnection {
  tag: 'connection',
  val: string,
}
