/**
 * The scout's thread: it may read the workspace and nothing else.
 *
 * @module
 */
/// <reference lib="deno.worker" />
import { sleep, systemClock } from "../base/clock.ts";
import { messageOf } from "../base/errors.ts";
import { lookDisk } from "./look_disk.ts";
import type { FromScout, ScoutAnswer, ScoutAsk, ToScout } from "./scout.ts";
import { digestsOf, finding, follow, paced, rootFound, surveyed } from "./scouting.ts";

let assets = "";

/** Lets the questions that came meanwhile be answered. */
const pause = () => sleep(systemClock, 0);

self.onmessage = ({ data }: MessageEvent<ToScout>) => {
  if (data.type === "start") {
    assets = data.assets;
    return;
  }
  const { id, question } = data;
  answer(id, question).then(
    (answer) => tell({ type: "answer", id, answer }),
    (error) => tell({ type: "fault", id, ...faultOf(question, error) }),
  );
};

async function answer(id: number, question: ScoutAsk): Promise<ScoutAnswer> {
  switch (question.ask) {
    case "survey":
      for (const places of surveyed(lookDisk, assets, question.from, question.registered)) {
        const transfer = places.flatMap(({ columns }) =>
          columns === undefined ? [] : [columns.numbers.buffer]
        );
        tell({ type: "places", id, places }, transfer);
        await pause();
      }
      return { ask: "survey" };
    case "find":
      return { ask: "find", found: await paced(finding(lookDisk, assets, question.path), pause) };
    case "declaration":
      return { ask: "declaration", found: rootFound(lookDisk, assets, question.root) };
    case "digests":
      return { ask: "digests", digests: await digestsOf(lookDisk, assets, question.paths, pause) };
    case "watch":
      watch();
      return { ask: "watch" };
  }
}

function watch(): void {
  const watcher = Deno.watchFs(assets, { recursive: true });
  follow(
    watcher,
    (milliseconds) => sleep(systemClock, milliseconds),
    (changes) => tell({ type: "changes", changes }),
  )
    .catch((error) => {
      throw error;
    });
}

function faultOf({ ask }: ScoutAsk, error: unknown): { message: string; mend?: string } {
  const message = messageOf(error);
  if (ask !== "watch") return { message };
  return {
    message,
    mend: "raise fs.inotify.max_user_watches (sysctl); until then changes are looked for by walking",
  };
}

function tell(message: FromScout, transfer: Transferable[] = []): void {
  self.postMessage(message, transfer);
}
