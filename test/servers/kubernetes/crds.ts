/** Our CustomResourceDefinitions in a cluster. */
import { readFile } from 'node:fs/promises';
import { loadAll } from 'js-yaml';
import { waitFor } from '../../support/wait-for.ts';
import type { ApiObject } from './admin.ts';
import type { KubernetesServer } from './index.ts';

/** Applies `crd.yaml` and returns its definitions when objects of them can be made. Idempotent. */
export async function installCrds({ admin, applyYaml }: KubernetesServer): Promise<readonly ApiObject[]> {
  const yaml = await readFile(new URL('../../../crd.yaml', import.meta.url), 'utf8');
  await applyYaml(yaml);
  const names = loadAll(yaml).map((definition) => (definition as ApiObject).metadata.name);
  return Promise.all(
    names.map((name) =>
      waitFor(
        async () => {
          const definition = await admin.get(`/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${name}`);
          const conditions: readonly { type: string; status: string }[] = definition.status?.conditions ?? [];
          const { group, names, versions } = definition.spec;
          if (!conditions.some(({ type, status }) => type === 'Established' && status === 'True')) return false;
          // Established comes a moment before the path is served.
          return (await admin.find(`/apis/${group}/${versions[0].name}/${names.plural}`)) && definition;
        },
        { what: `the definition ${name} to be established` },
      ),
    ),
  );
}
