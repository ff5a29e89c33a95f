// The library has no types of its own.
declare module 'regenerate-unicode-properties/Property_of_Strings/*' {
  const property: { readonly strings: readonly string[] };
  export default property;
}
