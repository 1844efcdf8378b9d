/**
 * How long a guest has computed, and that it is processor time which counts.
 *
 * @module
 */
import assert from "node:assert/strict";
import { ComputeMeter } from "../../runtime/provider/guest_thread.ts";
import { CONTROL } from "../../runtime/provider/protocol.ts";

/** A guest whose thread gets as much of a processor as the test says. */
class Fake {
  /** As the guest's worker writes it. */
  readonly control = new Int32Array(new SharedArrayBuffer(8));
  /** What the system tells. */
  computed: number | undefined = 0;
  /** Over this guest. */
  readonly meter = new ComputeMeter(this.control, { computed: () => this.computed });

  /** Enters instance `number`, 0 for a return to the host. */
  enter(number: number): void {
    this.control[CONTROL.running] = number;
    this.control[CONTROL.beat] = (this.control[CONTROL.beat] ?? 0) + 1;
    this.meter.read(100);
  }

  /** What is measured 100 ms later, in which the thread got `more` ms of a processor. */
  look(more: number): { instance: number; milliseconds: number } {
    if (this.computed !== undefined) this.computed += more;
    return this.meter.read(100);
  }
}

Deno.test("what counts is the time that the guest's thread has had, since it last heard from its host", () => {
  const guest = new Fake();
  guest.enter(7);
  assert.deepEqual(guest.look(60), { instance: 7, milliseconds: 60 });
  assert.deepEqual(guest.look(100), { instance: 7, milliseconds: 160 });
  guest.enter(7);
  assert.deepEqual(guest.look(30), { instance: 7, milliseconds: 30 });
  guest.enter(0);
  assert.deepEqual(guest.look(100), { instance: 0, milliseconds: 0 });
});

Deno.test("a guest that gets no processor is not taken for one that computes, and yet does not stay for ever", () => {
  const guest = new Fake();
  guest.enter(1);
  for (let look = 0; look < 15; look++) assert(guest.look(0).milliseconds < 100, `${look + 1} looks`);
  assert.equal(guest.look(0).milliseconds, 100);
});

Deno.test("where the system does not tell, the time on the wall counts", () => {
  const guest = new Fake();
  guest.computed = undefined;
  guest.enter(1);
  assert.equal(guest.look(0).milliseconds, 100);
  assert.equal(guest.look(0).milliseconds, 200);
});
