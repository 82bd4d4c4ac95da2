/** XMLHttpRequest for Node, which the DICOMweb client of browsers is given. It brings no types. */
declare module "xhr2" {
  const request: typeof globalThis.XMLHttpRequest;
  export default request;
}
