// Stands in for the native addon `fibers`, which no longer builds. The client loads it for one function that no test calls.
exports.current = undefined;

exports.yield = () => {
  throw new Error('there are no fibers here');
};
