// The library has no types of its own.
declare module 'tr46' {
  /** UTS #46, ToASCII; null for a name that is not valid. */
  export function toASCII(
    name: string,
    options?: Readonly<Record<'checkBidi' | 'checkJoiners' | 'useSTD3ASCIIRules', boolean>>,
  ): string | null;
}
