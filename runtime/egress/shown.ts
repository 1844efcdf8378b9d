/**
 * URLs as logs, events and `status` show them.
 *
 * @module
 */

/** Names of query parameters whose values are secrets. */
const SECRET_NAME = /token|key|secret|sig|pass|auth|code|cred|session/i;

/** Longest value of a query parameter, and longest URL, that is shown. */
const LONGEST_VALUE = 40;
const LONGEST_URL = 300;

/** `text` without user names, and with `…` for each query value that is or may be a secret. */
export function shownUrl(text: string): string {
  const query = text.indexOf("?");
  const base = (query < 0 ? text : text.slice(0, query)).replace(/^([a-z]+:\/\/)[^/]*@/i, "$1");
  const whole = query < 0
    ? base
    : `${base}?${text.slice(query + 1).split("&").map(shownParameter).join("&")}`;
  return whole.length <= LONGEST_URL ? whole : `${whole.slice(0, LONGEST_URL)}…`;
}

function shownParameter(parameter: string): string {
  const cut = parameter.indexOf("=");
  if (cut < 0) return parameter.length <= LONGEST_VALUE ? parameter : "…";
  const [name, value] = [parameter.slice(0, cut), parameter.slice(cut + 1)];
  return SECRET_NAME.test(name) || value.length > LONGEST_VALUE ? `${name}=…` : parameter;
}
