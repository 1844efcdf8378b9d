/**
 * When arXiv changes: new papers and new versions are announced at 20:00 US Eastern time, Sunday to Thursday
 * (https://info.arxiv.org/help/availability.html), and the API has them from midnight on
 * (https://info.arxiv.org/help/api/user-manual.html, "search results are updated each day").
 *
 * @module
 */

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Time of day, Eastern, at which the API is sure to have what was announced in the evening: half an hour of grace. */
const FRESH = 30 * 60_000;

/** Behind UTC in winter, and in summer. */
const WINTER = 5 * HOUR;
const SUMMER = 4 * HOUR;

/** The latest moment up to `now` at which the API had news, in milliseconds since the Unix epoch. */
export function latestNews(now: number): number {
  const local = now - behind(now) - FRESH;
  return utcOf(Math.floor(local / DAY) * DAY + FRESH);
}

/** The first moment after `now` at which the API has news. */
export function nextNews(now: number): number {
  // Two days of switching to and from summer time are 23 and 25 hours long: half a day more never skips one.
  const next = latestNews(latestNews(now) + DAY + 2 * HOUR);
  return next > now ? next : next + DAY;
}

/** The moment of an Eastern time that is given as if it were UTC. */
function utcOf(local: number): number {
  return local + behind(local + WINTER);
}

/** How far Eastern time is behind UTC: summer time is from the second Sunday of March to the first of November, at 2:00. */
function behind(now: number): number {
  const year = new Date(now).getUTCFullYear();
  const begins = sunday(year, 2, 2) + 2 * HOUR + WINTER;
  const ends = sunday(year, 10, 1) + 2 * HOUR + SUMMER;
  return now >= begins && now < ends ? SUMMER : WINTER;
}

/** Midnight of the Sunday number `count` of a month (from 0). */
function sunday(year: number, month: number, count: number): number {
  const first = Date.UTC(year, month, 1);
  const weekday = new Date(first).getUTCDay();
  return first + ((7 - weekday) % 7 + 7 * (count - 1)) * DAY;
}
