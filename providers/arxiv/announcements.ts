/**
 * When arXiv has something new: it announces at 20:00 US Eastern time from Sunday to Thursday
 * (https://info.arxiv.org/help/availability.html), and its API follows "on the midnight after the articles were
 * processed" (https://info.arxiv.org/help/api/user-manual.html).
 *
 * @module
 */

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** After the midnight that begins a day of announcement, in Eastern time: a quarter of an hour late, each. */
const ANNOUNCED = 20 * HOUR + 15 * MINUTE;
const IN_THE_API = 24 * HOUR + 15 * MINUTE;

/** Sunday to Thursday, as `Date.getUTCDay` counts them. */
const LAST_DAY = 4;

/** Days that are looked at around a moment: the weekend has none, and a zone's midnight is not UTC's. */
const AROUND = 4;

/** The last time at or before `moment` when something may have become new; milliseconds since the Unix epoch, both. */
export function lastNews(moment: number): number {
  return Math.max(...newsAround(moment).filter((time) => time <= moment));
}

/** The first time after `moment` when something may become new. */
export function nextNews(moment: number): number {
  return Math.min(...newsAround(moment).filter((time) => time > moment));
}

function newsAround(moment: number): number[] {
  const today = Math.floor(moment / DAY);
  return Array.from({ length: 2 * AROUND + 1 }, (_, i) => (today - AROUND + i) * DAY)
    .filter((midnight) => new Date(midnight).getUTCDay() <= LAST_DAY)
    .flatMap((midnight) => [midnight + ANNOUNCED, midnight + IN_THE_API])
    .map((eastern) => eastern + behind(eastern));
}

/**
 * How far Eastern time is behind UTC at `eastern`, a moment in Eastern time: four hours from the second Sunday in March,
 * 02:00, to the first Sunday in November, 02:00, and five otherwise (Energy Policy Act of 2005, section 110).
 */
function behind(eastern: number): number {
  const year = new Date(eastern).getUTCFullYear();
  const summer = eastern >= sunday(year, 2, 2) + 2 * HOUR && eastern < sunday(year, 10, 1) + 2 * HOUR;
  return (summer ? 4 : 5) * HOUR;
}

/** The midnight of the `nth` Sunday of a month, which is counted from 0. */
function sunday(year: number, month: number, nth: number): number {
  const first = new Date(Date.UTC(year, month, 1));
  return first.getTime() + ((7 - first.getUTCDay()) % 7 + 7 * (nth - 1)) * DAY;
}
