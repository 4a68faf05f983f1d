/** Goes into the script of Emscripten: the tests' module sees which test is wanted. */
/* global Module, ENV */
Module.preRun = () => {
    ENV.FLECK_TEST = process.env.FLECK_TEST;
};
