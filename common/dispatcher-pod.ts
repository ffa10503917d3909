/** What the controller gives a dispatcher's pod, and the dispatcher and the CLI expect there. */

/** Secrets, as files `<name>/<key>`. */
export const SECRETS_DIR = '/var/run/secrets/kubeless.io';

/** Of `/healthz`, `/readyz`, `/metrics` and `/status`. */
export const PROBES_PORT = 8080;
