/**
 * Listings that grow page by page, and the offsets into them.
 *
 * @module
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { cookieOf, MAX_LINES, readCookie } from "../../runtime/tree/cookies.ts";
import { Listing } from "../../runtime/tree/listing.ts";
import { mountPlace, type Place, placeIn } from "../../runtime/tree/place.ts";
import { checkProperty } from "../support/property.ts";

const MOUNT = mountPlace("m");
const places = (...names: string[]): Place[] =>
  names.map((name) => placeIn(MOUNT, name, `id:${name}`, false));
const lines = (listing: Listing): (string | undefined)[] =>
  Array.from({ length: listing.length }, (_, i) => listing.at(i)?.name);

Deno.test("pages that overlap give each name one line, at its first place", () => {
  const listing = new Listing();
  listing.append({ places: places("a", "b"), next: "2", exhaustive: true });
  assert.deepEqual([listing.complete, listing.exhaustive, listing.next, listing.pages], [
    false,
    false,
    "2",
    1,
  ]);
  listing.append({ places: places("b", "c", "a"), next: "3", exhaustive: true });
  listing.append({ places: places("d"), next: undefined, exhaustive: true });
  assert.deepEqual(lines(listing), ["a", "b", "c", "d"]);
  assert.deepEqual([listing.complete, listing.exhaustive, listing.next, listing.pages], [
    true,
    true,
    undefined,
    3,
  ]);
  assert.equal(listing.get("c")?.id, "id:c");
  assert.equal(listing.get("x"), undefined);
  assert.equal(listing.at(4), undefined);
});

Deno.test("a listing is exhaustive only when its last page is there and says so", () => {
  const listing = new Listing();
  assert.deepEqual([listing.complete, listing.exhaustive, listing.pages], [false, false, 0]);
  listing.append({ places: [], next: undefined, exhaustive: false });
  assert.deepEqual([listing.complete, listing.exhaustive, listing.length], [true, false, 0]);
});

Deno.test("a cookie is never 0, stays below 2^53, and tells its listing and the next line", async () => {
  const generation = fc.oneof(fc.nat(5_000_000), fc.constantFrom(0, 2 ** 21 - 1, 2 ** 21, 2 ** 40));
  const index = fc.oneof(fc.nat(5_000_000), fc.constantFrom(0, MAX_LINES - 2));
  await checkProperty(
    fc.property(generation, index, (generation, index) => {
      const cookie = cookieOf(generation, index);
      assert(Number.isSafeInteger(cookie) && cookie > 0);
      assert.deepEqual(readCookie(cookie), { generation: generation % 2 ** 21, next: index + 1 });
    }),
    1_000,
  );
});

/** What may happen to a listing: a name, and which of few identities it is. */
const EDIT = fc.record({
  do: fc.constantFrom("page", "put", "put", "remove"),
  name: fc.constantFrom("a", "b", "c", "d", "e"),
  id: fc.constantFrom("1", "2", "3", "4", "5"),
});

Deno.test("whatever is added, renamed and taken away, names and identities are unique and a line keeps its cookie", async () => {
  await checkProperty(fc.property(fc.array(EDIT, { maxLength: 40 }), (edits) => {
    const listing = new Listing();
    const model = new Map<string, string>();
    const cookies = new Map<string, number>();
    for (const { do: what, name, id } of edits) {
      const place = placeIn(MOUNT, name, id, false);
      const free = !model.has(id) && ![...model.values()].includes(name);
      if (what === "page" && free) {
        listing.append({ places: [place], next: "more", exhaustive: true });
        model.set(id, name);
      } else if (what === "put") {
        const gone = listing.place(place);
        assert.deepEqual(
          new Set(gone.map((each) => `${each.id} ${each.name}`)),
          new Set([...model].filter(([i, n]) => i === id || n === name).map(([i, n]) => `${i} ${n}`)),
        );
        for (const [i, n] of model) if (n === name) model.delete(i);
        model.set(id, name);
      } else if (what === "remove") {
        assert.equal(listing.remove(place.key)?.name, model.get(id));
        model.delete(id);
      }
      const there = [...listing.places()].map(({ id, name }) => [id, name] as const);
      assert.deepEqual(new Map(there), model);
      assert.equal(there.length, model.size);
      for (const [id, name] of model) assert.equal(listing.get(name)?.id, id);
      for (let index = 0; index < listing.length; index++) {
        const line = listing.at(index);
        if (line === undefined) continue;
        assert.equal(listing.holding(line.key), line);
        // The line of an identity moves only where it was taken away and came anew.
        if (what !== "remove") {
          assert.equal(cookies.get(line.id) ?? listing.cookie(index), listing.cookie(index));
        }
      }
      cookies.clear();
      for (let index = 0; index < listing.length; index++) {
        const line = listing.at(index);
        if (line !== undefined) cookies.set(line.id, listing.cookie(index));
      }
      assert.equal(listing.hasFrom(0), model.size > 0);
    }
    const written = listing.rewritten();
    assert.deepEqual([...written.places()], [...listing.places()]);
    assert.deepEqual([written.length, written.next, written.complete], [
      model.size,
      listing.next,
      listing.complete,
    ]);
  }));
});

Deno.test("a listing asks its latest pages again, but never its first one, nor when it is whole", () => {
  const listing = new Listing();
  listing.append({ places: places("a"), next: "2", exhaustive: true });
  assert.equal(listing.rewind(1), false);
  listing.append({ places: places("b"), cursor: "2", next: "3", exhaustive: true });
  listing.append({ places: places("c"), cursor: "3", next: "4", exhaustive: true });
  assert.deepEqual([listing.rewind(1), listing.next], [true, "3"]);
  assert.deepEqual([listing.rewind(2), listing.next, listing.rewind(3)], [true, "2", false]);
  listing.append({ places: places("b", "x"), cursor: "2", next: undefined, exhaustive: true });
  assert.deepEqual([lines(listing), listing.rewind(1)], [["a", "b", "c", "x"], false]);
});

Deno.test("a cookie stays good while pages are appended, and is no other listing's", async () => {
  const page = fc.array(fc.integer({ min: 0, max: 60 }).map(String), { maxLength: 8 });
  await checkProperty(fc.property(fc.array(page, { minLength: 1, maxLength: 10 }), (pages) => {
    const [listing, other] = [new Listing(), new Listing()];
    const cookies = new Map<number, string | undefined>();
    for (const [i, names] of pages.entries()) {
      const next = i + 1 < pages.length ? `${i + 1}` : undefined;
      listing.append({ places: places(...names), next, exhaustive: true });
      for (let at = 0; at < listing.length; at++) {
        const cookie = listing.cookie(at);
        const name = listing.at(at)?.name;
        assert.equal(cookies.get(cookie) ?? name, name, "an old cookie stands for another line");
        cookies.set(cookie, name);
        assert.equal(listing.indexAfter(cookie), at + 1);
        assert.equal(other.indexAfter(cookie), undefined);
      }
    }
    assert.equal(listing.indexAfter(0), 0);
    assert.deepEqual(lines(listing), [...new Set(pages.flat())]);
  }));
});
