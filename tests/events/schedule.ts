/**
 * Schedules: what an upstream, its faults and its readers do, one thing after the other.
 *
 * @module
 */
import fc from "fast-check";
import { type Manner, REPOS } from "./lossy_upstream.ts";
import { BOXES, type Item } from "./tracker.ts";
import { NAMES, type World } from "./world.ts";

/** One step: some time passes, then something happens. */
export interface Step {
  /** Milliseconds until then. */
  readonly after: number;
  /** What happens. */
  readonly act: keyof typeof ACTS;
  /** Chooses among the repos, boxes, names, items and lengths of time that there are. */
  readonly choice: number;
}

/** A world and all that happens in it. */
export interface Schedule {
  /** How the upstream tells. */
  readonly manner: Manner;
  /** What chance chooses. */
  readonly seed: number;
  /** Bytes that the cache may keep. */
  readonly cacheBytes: number;
  /** What happens, in order. */
  readonly steps: readonly Step[];
}

const REPO = (choice: number) => pick(REPOS, choice);
const BOX = (choice: number) => pick(BOXES, choice >>> 1);
const NAME = (choice: number) => pick(NAMES, choice >>> 3);

/** Milliseconds that a fault lasts: a blink, or longer than a watch is patient. */
const LASTS = [200, 3_000, 20_000, 90_000, 1_200_000] as const;

const until = ({ time }: World, choice: number) => time.now() + pick(LASTS, choice);

/** Everything that can happen. */
const ACTS = {
  read: (world: World, choice: number) => world.read(REPO(choice), BOX(choice), NAME(choice)),
  list: (world: World, choice: number) => world.list(REPO(choice), BOX(choice)),
  create: ({ upstream, time }: World, choice: number) =>
    upstream.tell(upstream.tracker.create(REPO(choice), NAME(choice), time.now())),
  edit: (world: World, choice: number) => change(world, choice, () => ({})),
  move: (world: World, choice: number) =>
    change(world, choice, ({ box }) => ({ box: box === "open" ? "closed" : "open" })),
  rename: (world: World, choice: number) => change(world, choice, () => ({ name: NAME(choice) })),
  remove: ({ upstream, time }: World, choice: number) => {
    const items = upstream.tracker.items();
    if (items.length > 0) upstream.tell(upstream.tracker.remove(pick(items, choice >>> 4), time.now()));
  },
  cut: ({ upstream }: World) => upstream.cut(),
  failStreams: (world: World, choice: number) => {
    world.upstream.streamsFailUntil = until(world, choice);
    world.upstream.cut();
  },
  failPolls: (world: World, choice: number) => {
    world.upstream.pollsFailUntil = until(world, choice);
    world.upstream.pollFailure = pick(["unavailable", "rate-limited", "internal"], choice >>> 3);
  },
  restart: (world: World, choice: number) => {
    world.upstream.downUntil = until(world, choice);
    world.upstream.tracker.trim(choice % 5);
    world.upstream.cut();
  },
  garble: ({ upstream }: World, choice: number) => void (upstream.unreadable = pick([0, 30, 100], choice)),
  drop: (world: World, choice: number) => world.drop(REPO(choice)),
} as const;

/** How often each happens: mostly reads and changes. */
const WEIGHTS: Readonly<Record<keyof typeof ACTS, number>> = {
  read: 20,
  list: 8,
  create: 5,
  edit: 8,
  move: 5,
  rename: 3,
  remove: 2,
  cut: 2,
  failStreams: 1,
  failPolls: 1,
  restart: 1,
  garble: 1,
  drop: 1,
};

/** Faults that last. */
export const LASTING: readonly Step["act"][] = ["failStreams", "failPolls", "restart", "garble"];

/** Everything else, as often as it is to happen. */
export const ACTIONS: readonly Step["act"][] = Object.entries(WEIGHTS).flatMap(([name, weight]) => {
  const action = name as Step["act"];
  return LASTING.includes(action) ? [] : Array.from({ length: weight }, () => action);
});

/** Makes one thing happen. */
export function act(world: World, action: Step["act"], choice: number): void {
  ACTS[action](world, choice);
}

/** Does everything that a schedule holds. */
export async function play(world: World, steps: readonly Step[]): Promise<void> {
  for (const { after, act: action, choice } of steps) {
    await world.time.run(after);
    act(world, action, choice);
  }
}

/** Any schedule of at most `steps` steps, and at least a quarter of that. */
export function schedules(steps: number): fc.Arbitrary<Schedule> {
  const action = fc.oneof(
    ...Object.entries(WEIGHTS).map(([name, weight]) => ({
      weight,
      arbitrary: fc.constant(name as Step["act"]),
    })),
  );
  // A burst, or long enough for polls to come and for watches to end.
  const after = fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: 0, max: 40 }) },
    { weight: 3, arbitrary: fc.integer({ min: 0, max: 3_000 }) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 120_000 }) },
  );
  const step = fc.record({ after, act: action, choice: fc.nat({ max: 2 ** 16 }) });
  return fc.record({
    manner: manners,
    seed: fc.nat(),
    cacheBytes: fc.constantFrom(2 ** 20, 2 ** 20, 4_000),
    steps: fc.array(step, { minLength: steps / 4, maxLength: steps, size: "max" }),
  });
}

/** Which sources may tell of a watch. */
export const SOURCES: readonly Manner["sources"][] = [
  ["poll"],
  ["stream"],
  ["stream", "poll"],
  ["webhook", "poll"],
  ["webhook", "stream", "poll"],
];

const manners: fc.Arbitrary<Manner> = fc.record({
  sources: fc.constantFrom(...SOURCES),
  tells: fc.constantFrom("placed", "placed", "dropped", "mixed"),
  version: fc.constantFrom("exact", "time", "none"),
  body: fc.constantFrom("inline", "inline", "ask"),
  lost: fc.constantFrom(0, 20, 100),
  repeated: fc.constantFrom(0, 30),
  slowest: fc.constantFrom(100, 3_000, 60_000),
});

function change(
  { upstream, time }: World,
  choice: number,
  what: (item: Item) => Parameters<LossyTracker["change"]>[1],
): void {
  const items = upstream.tracker.items();
  if (items.length === 0) return;
  const item = pick(items, choice >>> 4);
  upstream.tell(upstream.tracker.change(item, what(item), time.now()));
}

type LossyTracker = World["upstream"]["tracker"];

function pick<Value>(all: readonly Value[], choice: number): Value {
  const value = all[choice % all.length];
  if (value === undefined) throw new Error("nothing to choose from");
  return value;
}
