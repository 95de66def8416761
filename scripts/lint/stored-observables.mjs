function isNamed(type, name) {
  if (type.isUnionOrIntersection()) return type.types.some((member) => isNamed(member, name));
  return name.test(type.getSymbol()?.name ?? '');
}

/**
 * `$` marks a stored Observable, and nothing else. `finnish` of eslint-plugin-rxjs-x demands the mark of every function
 * that returns an Observable as well, and so of every agent and provider; hence a rule of our own. Subjects may choose.
 */
export const storedObservables = {
  meta: {
    type: 'suggestion',
    messages: {
      missing: "'{{name}}' stores an Observable: end it in $.",
      surplus: "'{{name}}' does not store an Observable: no $.",
    },
    schema: [],
  },
  create(context) {
    const services = context.sourceCode.parserServices;
    return {
      'VariableDeclarator > Identifier.id'(node) {
        // A public name carries no mark.
        if (node.parent.parent.parent.type === 'ExportNamedDeclaration') return;
        const type = services.getTypeAtLocation(node);
        const marked = node.name.endsWith('$');
        const data = { name: node.name };
        if (isNamed(type, /^Observable$/)) {
          if (!marked) context.report({ node, messageId: 'missing', data });
        } else if (marked && !isNamed(type, /Subject$/)) {
          context.report({ node, messageId: 'surplus', data });
        }
      },
    };
  },
};
