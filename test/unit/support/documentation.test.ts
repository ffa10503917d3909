import { expect } from 'chai';
import { commandsOf } from '../../support/documentation.ts';

const block = (...lines: readonly string[]) => ['Text `a`:', '', '```sh', ...lines, '```', ''].join('\n');
const textsOf = (markdown: string) => commandsOf(markdown, 'page.md').map(({ text }) => text);

describe('commandsOf', () => {
  it('gives the commands of shell blocks with their lines, without comments and without other blocks', () => {
    const page = `${block('# first', 'a  # says a', '', 'b')}${block('c').replace('sh', 'yaml')}${block('d')}`;
    expect(commandsOf(page, 'page.md')).to.deep.equal([
      { page: 'page.md', line: 5, text: 'a  # says a' },
      { page: 'page.md', line: 7, text: 'b' },
      { page: 'page.md', line: 17, text: 'd' },
    ]);
  });

  it('takes blocks in lists without their indentation', () => {
    expect(textsOf(block('a \\', '  b').replace(/^/gm, '   '))).to.deep.equal(['a \\\n  b']);
  });

  it('takes several lines for one command where they are', () => {
    const heredoc = ["cat >f <<'EOF'", 'x: 1', 'EOF'];
    expect(textsOf(block('a \\', '  --b', ...heredoc, "c '", "  d'", "e  # it's"))).to.deep.equal([
      'a \\\n  --b',
      heredoc.join('\n'),
      "c '\n  d'",
      "e  # it's",
    ]);
  });

  it('refuses what it does not know', () => {
    expect(() => textsOf(block('a').replace('sh', 'console'))).to.throw('page.md:3: what is a block of console?');
    expect(() => textsOf(block('a \\'))).to.throw("page.md:4: the command doesn't end in its block");
  });
});
