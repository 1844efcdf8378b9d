/**
 * arXiv's categories (https://arxiv.org/category_taxonomy), so that they can be listed without a request: the API
 * does not tell them. One that is newer than this table is found by asking for a paper in it.
 *
 * @module
 */

/** Subjects by archive; an archive without any is a category itself. */
const ARCHIVES: Readonly<Record<string, string>> = {
  "astro-ph": "CO EP GA HE IM SR",
  "cond-mat": "dis-nn mes-hall mtrl-sci other quant-gas soft stat-mech str-el supr-con",
  "cs":
    "AI AR CC CE CG CL CR CV CY DB DC DL DM DS ET FL GL GR GT HC IR IT LG LO MA MM MS NA NE NI OH OS PF PL " +
    "RO SC SD SE SI SY",
  "econ": "EM GN TH",
  "eess": "AS IV SP SY",
  "gr-qc": "",
  "hep-ex": "",
  "hep-lat": "",
  "hep-ph": "",
  "hep-th": "",
  "math": "AC AG AP AT CA CO CT CV DG DS FA GM GN GR GT HO IT KT LO MG MP NA NT OA OC PR QA RA RT SG SP ST",
  "math-ph": "",
  "nlin": "AO CD CG PS SI",
  "nucl-ex": "",
  "nucl-th": "",
  "physics":
    "acc-ph ao-ph app-ph atm-clus atom-ph bio-ph chem-ph class-ph comp-ph data-an ed-ph flu-dyn gen-ph " +
    "geo-ph hist-ph ins-det med-ph optics plasm-ph pop-ph soc-ph space-ph",
  "q-bio": "BM CB GN MN NC OT PE QM SC TO",
  "q-fin": "CP EC GN MF PM PR RM ST TR",
  "quant-ph": "",
  "stat": "AP CO ME ML OT TH",
};

/** Every category of the table, in order. */
export const CATEGORIES: readonly string[] = Object.entries(ARCHIVES).flatMap(([archive, subjects]) =>
  subjects === "" ? [archive] : subjects.split(" ").map((subject) => `${archive}.${subject}`)
);

/** True for a name that can be a category's. */
export function isCategoryName(name: string): boolean {
  return /^[a-z]{1,8}(-[a-z]{2,4})?(\.[A-Za-z]{2,9}(-[a-z]{1,4})?)?$/.test(name);
}
