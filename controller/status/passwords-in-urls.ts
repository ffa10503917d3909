/** Users and passwords in the URLs of a trigger, which everybody can read who may read it. */
import type { Trigger } from '../../api/trigger.ts';
import { hasUserInfo } from '../../common/mask-url.ts';

/** One sentence with the cure, without any of them; undefined where there is none. */
export function passwordsInUrls({ source, function: { url }, delivery }: Trigger): string | undefined {
  const urls = {
    'spec.pulsar.broker': source.broker,
    'spec.pulsar.webServiceUrl': source.webServiceUrl ?? '',
    'spec.kubeless.function': url,
    'spec.delivery.deadLetter.url': delivery.deadLetter?.url ?? '',
  };
  const paths = Object.entries(urls).flatMap(([path, each]) => (hasUserInfo(each) ? [path] : []));
  if (paths.length === 0) return undefined;
  const cures = [
    ...(paths.some((path) => path.startsWith('spec.pulsar')) ? [PULSAR] : []),
    ...(paths.some((path) => !path.startsWith('spec.pulsar')) ? [CALLS] : []),
  ];
  return (
    `${paths.join(', ')} ${paths.length === 1 ? 'has' : 'have'} a user or a password, which whoever may read the ` +
    `trigger, its Deployment or its pods can read: ${cures.join(', ')}, and change the password`
  );
}

const PULSAR = 'authenticate to Pulsar by spec.pulsar.authTokenSecret or tls.certSecret';
const CALLS = 'let a container beside the dispatcher, which has it from a Secret, add it to the calls';
