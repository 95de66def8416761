import { join, sep } from 'node:path';
import ts from 'typescript';

/** An operator as its users see it. */
export interface ExportedOperator {
  readonly name: string;
  /** Where its marbles stand, from the root of the repository. */
  readonly tests: string;
  /** Whether it is given something of the application's to call. */
  readonly takesCallback: boolean;
}

const asFile = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** All functions that `operators/index.ts` exports. */
export function exportedOperators(root: string): readonly ExportedOperator[] {
  const index = join(root, 'operators/index.ts');
  const options: ts.CompilerOptions = { module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler, strict: true, noEmit: true };
  const program = ts.createProgram([index], options);
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(index);
  const module = source === undefined ? undefined : checker.getSymbolAtLocation(source);
  if (module === undefined) throw new Error(`${index} cannot be read`);
  const ours = join(root, 'operators') + sep;

  const isCalled = (type: ts.Type): boolean =>
    type.getCallSignatures().length > 0 || (type.isUnion() && type.types.some(isCalled)) || type.getProperties().some(isOurCallback);
  /** A function in an object that an operator of ours describes: an option, or a method of a sink. */
  const isOurCallback = (property: ts.Symbol): boolean =>
    (property.declarations ?? []).some((declaration) => declaration.getSourceFile().fileName.startsWith(ours)) &&
    isFunction(checker.getNonNullableType(checker.getTypeOfSymbol(property)));
  const isFunction = (type: ts.Type): boolean => type.getCallSignatures().length > 0 || (type.isUnion() && type.types.some(isFunction));

  return checker.getExportsOfModule(module).flatMap((exported) => {
    const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
    if (!(symbol.flags & ts.SymbolFlags.Function)) return [];
    const parameters = checker.getTypeOfSymbol(symbol).getCallSignatures().flatMap((signature) => signature.getParameters());
    const takesCallback = parameters.some((parameter) => isCalled(checker.getNonNullableType(checker.getTypeOfSymbol(parameter))));
    return [{ name: exported.name, tests: `marble-tests/operators/${asFile(exported.name)}.test.ts`, takesCallback }];
  });
}
