/** The two manifests of the original's documentation. */

/** What is put in the place of the documentation's own. */
export interface Addresses {
  readonly namespace?: string;
  readonly topic?: string;
  readonly broker?: string;
  readonly token?: string;
}

/** The first one; with `originalDeployment` behind it, the second. */
export function originalManifest(addresses: Addresses = {}): string {
  const { namespace = 'default', topic = 'mytopic', broker = 'pulsar://pulsar.addr:6650', token = 'nnn' } = addresses;
  return `
apiVersion: kubeless.io/v1
kind: PulsarTrigger
metadata:
  name: mytrigger
  namespace: ${namespace}
spec:
  pulsar:
    topic: persistent://public/default/${topic}
    broker: ${broker}
    auth-token: ${token}

  kubeless:
    function: http://myfunction.default:8080
`;
}

export function originalDeployment(namespace: string): string {
  return `
  ## Override any deployment spec from the default template
  deployment:
    metadata:
      namespace: ${namespace}
    spec:
      template:
        spec:
          containers:
            - resources:
                limits:
                  cpu: 4
                  memory: 1Gi
                requests:
                  cpu: 1
                  memory: 512Mi
`;
}
