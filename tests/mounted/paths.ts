/**
 * Every path that the providers' pages promise, as data.
 *
 * @module
 */

/** The files of an issue and of a pull request. */
const TALK = "title,body,state,user,labels,assignees,created_at,updated_at";
const COMMENT = "comments/{id}/{body,user,created_at}";
const CONTAINER = "{state,image,inspect.json,log,stats.json,env,ports}";
const ISSUE =
  "{title,description.md,state,priority,assignee,labels,url,issue.json,comments/{id}/body,comments/{id}/user,comments/{id}/created_at}";
const PAPER = "{metadata.json,title,abstract,authors,paper.pdf,source.tar.gz}";
const RECORDS = "{A,AAAA,MX,NS,TXT,SOA,CAA,_all.json}";

/** Paths of files. `{a,b}` is each of them, `{name}` any one name. */
const TEMPLATES: readonly string[] = [
  "hello/greeting",
  "github/{owner}/{repo}/{repo.json,description,default_branch,topics}",
  `github/{owner}/{repo}/_issues/{_open,_closed,_all}/{n}/{${TALK},issue.json}`,
  `github/{owner}/{repo}/_issues/{_open,_closed,_all}/{n}/${COMMENT}`,
  `github/{owner}/{repo}/_prs/{_open,_closed,_merged,_all}/{n}/{${TALK},diff,base,head,mergeable,files,pr.json}`,
  `github/{owner}/{repo}/_prs/{_open,_all}/{n}/${COMMENT}`,
  "github/{owner}/{repo}/_prs/{_open,_closed,_merged,_all}/{n}/reviews/{id}/{body,user,state,submitted_at}",
  "github/{owner}/{repo}/_actions/runs/{id}/{status,conclusion,name,event,branch,sha,log,run.json}",
  "github/{owner}/{repo}/_actions/runs/{id}/jobs/{id}/{name,status,conclusion,log}",
  "github/{owner}/{repo}/_actions/_running/{id}/{status,run.json}",
  `docker/containers/{_running,_stopped,_all}/{name}/${CONTAINER}`,
  `docker/containers/{by-name,by-id}/{name}/${CONTAINER}`,
  "docker/{images,networks,volumes}/{name}/inspect.json",
  "docker/system/{version,info,df}.json",
  `docker/compose/{project}/{service}/{container}/${CONTAINER}`,
  "linear/teams/{KEY}/{name,team.json}",
  `linear/teams/{KEY}/issues/{_open,_closed,_all,_started}/{id}/${ISSUE}`,
  "linear/teams/{KEY}/issues/_backlog/{id}/{title,description.md,issue.json}",
  "linear/{teams/ENG/projects,projects}/{slug}/{name,description,content.md,state,lead,teams,project.json}",
  "linear/projects/{slug}/issues/{id}/title",
  "linear/teams/{KEY}/cycles/{n}/{name,progress,starts_at,ends_at,cycle.json}",
  "linear/teams/{KEY}/cycles/{n}/issues/{id}/title",
  `arxiv/papers/{id}/${PAPER}`,
  `arxiv/papers/{id}/versions/{v}/${PAPER}`,
  "arxiv/papers/{id}/{source.gz,source.pdf}",
  `arxiv/categories/{category}/_recent/{id}/${PAPER}`,
  `arxiv/_search/{query}/{id}/{title,abstract,paper.pdf}`,
  `dns/{domain}/${RECORDS}`,
  "dns/{domain}/{CNAME,SRV,TLSA}",
  `dns/@{resolver}/{domain}/${RECORDS}`,
  "dns/_reverse/{ip}/PTR",
];

/** An expression for each path that the templates stand for. */
export function promisedPaths(): { readonly path: string; readonly pattern: RegExp }[] {
  return TEMPLATES.flatMap(expanded).map((path) => ({
    path,
    pattern: new RegExp(`^${escaped(path).replace(/\\\{[^}]*\\\}/g, "[^/]+")}$`),
  }));
}

/** A template with each of its alternatives. */
function expanded(template: string): string[] {
  // The innermost first, and with a comma in it: a place for any name has none.
  const [whole, inside] = /\{((?:[^{}]|\{[^{},]*\})*,(?:[^{}]|\{[^{},]*\})*)\}/.exec(template) ?? [];
  if (whole === undefined || inside === undefined) return [template];
  return inside.split(",").flatMap((one) => expanded(template.replace(whole, () => one)));
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
