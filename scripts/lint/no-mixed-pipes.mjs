/** fp-ts and rxjs both have a `pipe`; a file that uses the one must not use the other. */
export const noMixedPipes = {
  meta: {
    type: 'problem',
    messages: { mixed: 'This file imports the pipe of fp-ts: keep the pipe of rxjs out of it.' },
    schema: [],
  },
  create(context) {
    let functional = false;
    const reactive = [];
    return {
      ImportDeclaration(node) {
        const names = node.specifiers.map((specifier) => specifier.imported?.name);
        if (/^fp-ts\/(lib\/)?function/.test(node.source.value)) functional ||= names.includes('pipe');
        if (node.source.value === 'rxjs' && names.includes('pipe')) reactive.push(node);
      },
      "CallExpression > MemberExpression.callee[property.name='pipe']"(node) {
        reactive.push(node.property);
      },
      'Program:exit'() {
        if (functional) for (const node of reactive) context.report({ node, messageId: 'mixed' });
      },
    };
  },
};
