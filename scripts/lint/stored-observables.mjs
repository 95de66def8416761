function isNamed(checker, type, names) {
  const symbol = type.getSymbol();
  if (symbol !== undefined && names.includes(symbol.name)) return true;
  if (type.isUnionOrIntersection()) return type.types.some((member) => isNamed(checker, member, names));
  return type.isClassOrInterface() && checker.getBaseTypes(type).some((base) => isNamed(checker, base, names));
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
    const checker = services.program.getTypeChecker();
    return {
      'VariableDeclarator > Identifier.id'(node) {
        // A public name carries no mark.
        if (node.parent.parent.parent.type === 'ExportNamedDeclaration') return;
        const type = services.getTypeAtLocation(node);
        const marked = node.name.endsWith('$');
        const data = { name: node.name };
        if (isNamed(checker, type, ['Observable'])) {
          if (!marked) context.report({ node, messageId: 'missing', data });
        } else if (marked && !isNamed(checker, type, ['Subject', 'BehaviorSubject', 'ReplaySubject'])) {
          context.report({ node, messageId: 'surplus', data });
        }
      },
    };
  },
};
