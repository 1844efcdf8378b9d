/**
 * What is on arXiv: papers that nobody wrote.
 *
 * @module
 */
import type { PaperSeed } from "./atom.ts";

/** Every paper, the oldest first. */
export const PAPERS: readonly PaperSeed[] = [
  {
    id: "physics/9901001",
    title: "On the visibility of a lamp at sea",
    abstract:
      "A lamp of a given strength is seen from as far as the curve of the earth allows. We say how far that is.",
    authors: ["Augustine Fresnel"],
    categories: ["physics.optics"],
    source: "gz",
  },
  {
    id: "2401.00104",
    versions: 2,
    title: "Fog horns that agree with the chart",
    abstract: "One blast or two? We compare 112 charts with 112 horns and find that 3 differ.",
    authors: ["Ada Keeper", "Linus Gull"],
    categories: ["physics.ao-ph", "cs.SD"],
    comment: "12 pages, 3 figures",
  },
  {
    id: "2402.01017",
    title: "A lamp that rests by day",
    abstract: "A lamp which is dark from six to six needs half the oil. In fog it does not, and we say why.",
    authors: ["Grace Keeper"],
    categories: ["physics.optics", "eess.SY"],
    source: "pdf",
  },
  {
    id: "2403.02718",
    versions: 2,
    title: "Every gull is a bell",
    abstract: "This paper has been withdrawn by the authors: the gull was a bell.",
    authors: ["Linus Gull"],
    categories: ["physics.ao-ph"],
    comment: "This paper has been withdrawn by the authors",
    source: "none",
  },
  {
    id: "2403.03141",
    title: "Watching the sea, and telling when it changes",
    abstract:
      "Whoever looks at the sea all the time sees little else. We look when it says that it has changed.",
    authors: ["Ada Keeper", "Grace Keeper"],
    categories: ["cs.DC", "physics.ao-ph"],
  },
];
