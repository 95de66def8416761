/** Whether two types are the same, optional and readonly members included. */
export type Equal<Left, Right> = (<T>(value: T) => T extends Left ? 1 : 2) extends <T>(value: T) => T extends Right ? 1 : 2 ? true : false;
