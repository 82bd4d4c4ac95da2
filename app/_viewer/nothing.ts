/** In the place of Node's `fs` and `path`, which codecs compiled for both name and never call in a browser. */
export default {};
