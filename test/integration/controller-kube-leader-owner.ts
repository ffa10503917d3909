/** A process that takes part in a leader election: `node … KUBECONFIG NAMESPACE LEASE IDENTITY`; says `leading`. */
import { createLogger } from '../../common/logger.ts';
import { onShutdown } from '../../common/shutdown.ts';
import { createKubeClient } from '../../controller/kube/client.ts';
import { createLeaderElection } from '../../controller/kube/leader.ts';

const [kubeconfig = '', namespace = '', name = '', identity = ''] = process.argv.slice(2);
const client = createKubeClient({ kubeconfig });
const election = createLeaderElection({
  client,
  namespace,
  name,
  identity,
  onAcquired: () => process.send?.('leading'),
  onLost: () => process.exit(1),
  logger: createLogger('silent'),
});
onShutdown({ stop: () => election.release() });
process.on('disconnect', () => process.exit(1));
election.start();
process.send?.('started');
