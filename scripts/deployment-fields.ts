/** Writes controller/render/deployment-fields.yaml from what the Kubernetes of the tests publishes. */
import { startKubernetes } from '../test/servers/kubernetes/index.ts';
import { writeGenerated } from './generated.ts';
import { type OpenApi, renderDeploymentFields } from './published-fields.ts';

const file = new URL('../controller/render/deployment-fields.yaml', import.meta.url);
const kubernetes = await startKubernetes({ scheduler: false });
try {
  const published = await kubernetes.admin.get<OpenApi>('/openapi/v3/apis/apps/v1');
  process.exitCode = writeGenerated(
    file,
    renderDeploymentFields(published),
    'deployment-fields',
    process.argv.slice(2),
  );
} finally {
  await kubernetes.stop();
}
