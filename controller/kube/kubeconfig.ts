/** Kubeconfigs as kubectl reads them: with the fields, and the lists of files, that the library leaves out. */
import { existsSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import { type ConfigOptions, KubeConfig, type User } from '@kubernetes/client-node';
import { load } from 'js-yaml';

/** As whom a user acts, in headers. */
export type Impersonation = Readonly<Record<string, string | string[]>>;

export class FullKubeConfig extends KubeConfig {
  readonly #impersonations = new Map<string, Impersonation>();

  /** Beyond `as`, which the library knows. */
  get impersonation(): Impersonation {
    return this.#impersonations.get(this.getCurrentUser()?.name ?? '') ?? {};
  }

  override loadFromString(text: string, options?: Partial<ConfigOptions>): void {
    super.loadFromString(text, options);
    for (const { name, user } of usersOf(text)) {
      this.#impersonations.set(name, impersonationOf(user));
      if (user.tokenFile)
        this.users = this.users.map((each) => (each.name === name ? withTokenFile(each, user) : each));
    }
  }

  override makePathsAbsolute(folder: string): void {
    super.makePathsAbsolute(folder);
    for (const { authProvider } of this.users) {
      const { config } = authProvider ?? {};
      if (config?.tokenFile && !isAbsolute(config.tokenFile)) config.tokenFile = join(folder, config.tokenFile);
    }
  }

  /** The files of KUBECONFIG, one over the other: of two entries with one name the first counts. */
  override loadFromDefault(options?: Partial<ConfigOptions>): void {
    const [first, ...others] = (process.env.KUBECONFIG ?? '').split(delimiter).filter((file) => existsSync(file));
    if (first === undefined) {
      super.loadFromDefault(options);
      return;
    }
    this.loadFromFile(first, options);
    for (const file of others) this.#add(file, options);
  }

  #add(file: string, options?: Partial<ConfigOptions>): void {
    const added = new FullKubeConfig();
    added.loadFromFile(file, options);
    this.clusters = joined(this.clusters, added.clusters);
    this.users = joined(this.users, added.users);
    this.contexts = joined(this.contexts, added.contexts);
    for (const [name, headers] of added.#impersonations) {
      if (!this.#impersonations.has(name)) this.#impersonations.set(name, headers);
    }
    if (!this.currentContext) this.currentContext = added.currentContext;
  }
}

/** Of a user, as far as the library leaves it out. */
interface RawUser {
  readonly tokenFile?: string;
  readonly 'as-uid'?: string;
  readonly 'as-groups'?: readonly string[];
  readonly 'as-user-extra'?: Readonly<Record<string, readonly string[]>>;
}

function usersOf(text: string): readonly { readonly name: string; readonly user: RawUser }[] {
  // The library has read it, and so knows that it is a kubeconfig.
  const { users } = load(text) as { readonly users?: readonly { readonly name: string; readonly user?: RawUser }[] };
  return (users ?? []).map(({ name, user }) => ({ name, user: user ?? {} }));
}

/** The file wins over a token, and is read again as it changes. */
function withTokenFile(user: User, { tokenFile }: RawUser): User {
  const { token: _, ...others } = user;
  return { ...others, authProvider: { name: 'tokenFile', config: { tokenFile } } };
}

function impersonationOf(user: RawUser): Impersonation {
  const extra = Object.entries(user['as-user-extra'] ?? {}).map(([name, values]) => [
    `Impersonate-Extra-${encodeURIComponent(name)}`,
    [...values],
  ]);
  return {
    ...(user['as-uid'] && { 'Impersonate-Uid': user['as-uid'] }),
    ...(user['as-groups']?.length && { 'Impersonate-Group': [...user['as-groups']] }),
    ...Object.fromEntries(extra),
  };
}

function joined<T extends { readonly name: string }>(first: readonly T[], others: readonly T[]): T[] {
  return [...first, ...others.filter(({ name }) => !first.some((each) => each.name === name))];
}
