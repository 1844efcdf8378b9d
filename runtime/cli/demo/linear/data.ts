/**
 * What is on Linear: the work that the lighthouse makes.
 *
 * @module
 */
import { digits } from "../digits.ts";
import type { IssueSeed, ProjectSeed } from "./seeds.ts";
import { Workspace } from "./workspace.ts";

const PROJECTS: readonly ProjectSeed[] = [
  {
    name: "A new lamp",
    description: "Half the oil, as far as before",
    content: "## Why\n\nThe old one burns by day.\n\n## When\n\nBefore the autumn storms.",
    teams: ["ENG", "OPS"],
  },
];

/** Issues by team, in the order of their numbers. The project and the cycle are added to those that name none. */
const ISSUES: Readonly<Record<string, readonly IssueSeed[]>> = {
  ENG: [
    {
      title: "Keep auth tokens out of the fog horn's log",
      description: "The horn logs what it is asked with, auth header and all.",
      type: "started",
      priority: 1,
      assigned: true,
      labels: ["security"],
      comments: ["It does so since the last release.", "A test would have told us."],
    },
    {
      title: "Dim the lamp at dawn",
      description: "From full to dark within half an hour, by the almanac.",
      type: "started",
      priority: 2,
      assigned: true,
      labels: ["lamp"],
      comments: ["Which almanac?"],
    },
    { title: "Measure how far the lamp is seen", type: "unstarted", priority: 3, labels: ["lamp"] },
    { title: "Speak to the buoys", description: null, type: "backlog" },
    {
      title: "The clock runs an hour ahead in summer",
      type: "completed",
      priority: 2,
      labels: ["bug"],
      comments: ["Fixed: the sea has no daylight saving."],
    },
    { title: "Steer by the stars alone", type: "canceled", archived: true },
  ],
  OPS: [
    { title: "Oil for the winter", description: "40 barrels, before the boat stops.", type: "triage" },
    { title: "Paint the door", type: "unstarted", priority: 4, labels: ["upkeep"] },
  ],
};

/** A workspace that is the same in each run. */
export function sampleWorkspace(): Workspace {
  let made = 0;
  const workspace = new Workspace(() => uuid(++made));
  const [project] = PROJECTS.map((seed) => workspace.createProject(seed).name);
  for (const [team, seeds] of Object.entries(ISSUES)) {
    const cycle = Number(workspace.createCycle(team, "Spring").name);
    for (const seed of seeds) {
      const isLamp = seed.labels?.includes("lamp") === true;
      const place = isLamp && project !== undefined ? { project, cycle } : { cycle };
      workspace.createIssue(team, { ...place, ...seed });
    }
  }
  return workspace;
}

function uuid(seed: number): string {
  return digits(seed, 32).replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, "$1-$2-4$3-8$4-$5");
}
