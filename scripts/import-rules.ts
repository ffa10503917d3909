/** Which part of the product may import what. A path is relative to the root; `npm:name` is a package. */

export interface ImportRule {
  /** The rule in one sentence, as a broken one is reported. */
  readonly rule: string;
  /** The importing files that the rule is about. */
  readonly from: RegExp;
  /** What they mustn't import. `$1`… stand for the groups of `from`. */
  readonly forbidden: string;
  /** What they may import all the same, written like `forbidden`. */
  readonly except?: string;
  /** The rule is about imports that are loaded with the importing file: not `import()`, not `import type`. */
  readonly eager?: true;
}

const FOLDER = '(?:sources|sinks)/[^/]+/';

export const IMPORT_RULES: readonly ImportRule[] = [
  {
    rule: 'common imports nothing of ours',
    from: /^common\//,
    forbidden: '^(?!common/|npm:)',
  },
  {
    rule: 'api imports only common',
    from: /^api\//,
    forbidden: '^(?!api/|common/|npm:)',
  },
  {
    rule: 'controller imports only api and common',
    from: /^controller\//,
    forbidden: '^(?!controller/|api/|common/|npm:)',
  },
  {
    rule: 'dispatcher imports only api and common',
    from: /^dispatcher\//,
    forbidden: '^(?!dispatcher/|api/|common/|npm:)',
  },
  {
    rule: 'rendering is pure: it imports only itself, api, common, deepmerge and js-yaml',
    from: /^controller\/render\//,
    forbidden: '^(?!controller/render/|api/|common/|npm:(?:deepmerge|js-yaml)$)',
  },
  {
    rule: 'cli imports only api, common, dispatcher and controller/render',
    from: /^cli\/(?!demo\.ts$)/,
    forbidden: '^(?!cli/|api/|common/|dispatcher/|controller/render/|npm:)',
  },
  {
    rule: 'the demo imports only api, common, dispatcher, cli and the servers of the tests',
    from: /^cli\/demo\.ts$/,
    forbidden: '^(?!cli/|api/|common/|dispatcher/|test/servers/|npm:)',
  },
  {
    rule: 'a source imports of the dispatcher only what lies directly in sources/',
    from: /^dispatcher\/sources\/([^/]+)\//,
    forbidden: '^dispatcher/',
    except: '^dispatcher/sources/(?:$1/|[^/]+$)',
  },
  {
    rule: 'a sink imports of the dispatcher only what lies directly in sources/ and sinks/, envelope, header-value, outcome',
    from: /^dispatcher\/sinks\/([^/]+)\//,
    forbidden: '^dispatcher/',
    except: '^dispatcher/(?:sinks/$1/|sources/[^/]+$|sinks/[^/]+$|(?:envelope|header-value|outcome)\\.ts$)',
  },
  {
    rule: 'only the registry imports the folder of a source or sink',
    from: /^(?!dispatcher\/(?:sources|sinks)\/(?:[^/]+\/|index\.ts$))/,
    forbidden: `^dispatcher/${FOLDER}`,
  },
  {
    rule: 'a registry imports only its own folders: sources/index.ts sources, sinks/index.ts sinks',
    from: /^dispatcher\/(sources|sinks)\/index\.ts$/,
    forbidden: `^dispatcher/${FOLDER}`,
    except: '^dispatcher/$1/',
  },
  {
    rule: 'a registry imports the folder of a source or sink lazily, with import()',
    from: /^dispatcher\/(?:sources|sinks)\/index\.ts$/,
    forbidden: `^dispatcher/${FOLDER}`,
    eager: true,
  },
  {
    rule: '@kubernetes/client-node, 126 MiB of memory, stays out of what a dispatcher loads',
    from: /^(?:dispatcher|api|common)\//,
    forbidden: '^npm:@kubernetes/client-node$',
  },
];
