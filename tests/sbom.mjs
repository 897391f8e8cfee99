// Writes the parts list of the server, in the form of CycloneDX 1.6, to standard output: node tests/sbom.mjs > webchat.cdx.json
import { execFileSync } from 'node:child_process';

const cargo = (...args) => execFileSync(process.env.CARGO ?? 'cargo', args, { encoding: 'utf8', maxBuffer: 1 << 28 });
const host = execFileSync('rustc', ['-vV'], { encoding: 'utf8' }).match(/^host: (.*)$/m)[1];
const told = JSON.parse(cargo('metadata', '--format-version', '1', '--locked', '--filter-platform', host));
const lock = cargo('metadata', '--format-version', '1', '--locked', '--no-deps');
const nodes = new Map(told.resolve.nodes.map((node) => [node.id, node]));
const packages = new Map(told.packages.map((one) => [one.id, one]));
const root = told.packages.find((one) => one.name === 'webchat-examples');
const members = new Set(JSON.parse(lock).workspace_members);

// What the server links: from its package along everything that is no build or development dependency.
const linked = new Set();
const follow = (id) => {
  if (linked.has(id)) return;
  linked.add(id);
  for (const dep of nodes.get(id).deps) if (dep.dep_kinds.some((kind) => kind.kind === null)) follow(dep.pkg);
};
follow(root.id);

const purl = (one) => `pkg:cargo/${one.name}@${one.version}`;
const component = (one) => ({
  type: members.has(one.id) ? 'application' : 'library',
  'bom-ref': purl(one),
  name: one.name,
  version: one.version,
  purl: purl(one),
  licenses: [{ expression: one.license.replaceAll('/', ' OR ') }],
});
const known = [...linked].map((id) => packages.get(id)).sort((a, b) => (purl(a) < purl(b) ? -1 : 1));
console.log(JSON.stringify({
  bomFormat: 'CycloneDX',
  specVersion: '1.6',
  version: 1,
  metadata: { component: component(root) },
  components: known.filter((one) => one !== root).map(component),
  dependencies: known.map((one) => ({
    ref: purl(one),
    dependsOn: nodes.get(one.id).deps.filter((dep) => linked.has(dep.pkg) && dep.dep_kinds.some((kind) => kind.kind === null)).map((dep) => purl(packages.get(dep.pkg))),
  })),
}, null, 2));
